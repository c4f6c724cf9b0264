/**
 * Serves the page over made-up records, for work on it:
 *
 *     deno task web:made-up [--port 9478] [--rate 20] [--days 2] [--empty] [--no-store]
 *
 * The token is `made-up`. The page is that of src/web/document/: `deno task page` makes it.
 */

import { parseArgs } from "@std/cli/parse-args";
import type { Stats } from "../../src/daemon/telemetry/stats_client.ts";
import { advice } from "../../src/web/advice/advice.ts";
import { readPageFile } from "../../src/web/server/page_files.ts";
import { type WebOptions, WebServer } from "../../src/web/server/web_server.ts";
import { MadeUp } from "./made_up.ts";
import { MemoryStore } from "./memory_store.ts";

/** Token of servers over made-up records. */
export const TOKEN = "made-up";

/** Returns counters that grow with time. */
export function madeUpStats(): Stats {
  const seconds = Math.floor(Date.now() / 1000) % 100_000;
  return {
    sources: {
      "nflog:1": {
        received: seconds * 900,
        lost: Math.floor(seconds / 60),
        malformed: 0,
        foreign: 0,
      },
      "nflog:2": { received: seconds * 300, lost: 0, malformed: 0, foreign: 0 },
      conntrack: { received: seconds * 40, lost: 0, malformed: 0, foreign: 0 },
    },
    filter: { passed: seconds * 1240, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {
      sqlite: {
        written: seconds * 1240 - 40,
        bytes: seconds * 150_000,
        failed: 0,
        dropped: 0,
        spooled: 40,
        filtered: 0,
        emitted: seconds * 1240,
      },
    },
  };
}

/** Circumstances of a server over made-up records. */
const KNOWN = {
  hasPayload: true,
  socket: "/run/nfscribe/stats.sock",
  feeds: (running: readonly string[]) =>
    running.filter((name) => name.startsWith("nflog:")).map((name) => ({
      name,
      feed: { target: "NFLOG" as const, group: Number(name.slice(6)), copyRange: 0 },
    })),
  named: "",
  storeNamed: " --sqlite fw.db",
  example: "nfscribe run --group 1 --sqlite fw.db --web",
  flowSources: () => [],
  flowSource: '[[source]]\ntype = "conntrack"',
};

/** Returns the options of a server over a store. */
export function madeUpOptions(store: MemoryStore | undefined): WebOptions {
  return {
    version: "0.0.0",
    place: { hostname: "127.0.0.1", port: 0 },
    tls: undefined,
    hosts: [],
    token: TOKEN,
    reader: store,
    stats: () => Promise.resolve(madeUpStats()),
    actions: { "DROP*": "drop", "REJECT*": "reject", "ACCEPT*": "accept" },
    hasPayload: KNOWN.hasPayload,
    advice: (seen) => advice({ ...seen, ...KNOWN }),
    readPage: readPageFile,
    warn: (message) => console.error(message),
  };
}

if (import.meta.main) {
  const given = parseArgs(Deno.args, {
    string: ["port", "rate", "days"],
    boolean: ["empty", "no-store"],
  });
  const { port = "9478", rate = "20", days = "2" } = given as Record<string, string | undefined>;
  const store = new MemoryStore();
  const records = new MadeUp(store);
  if (!given.empty) {
    const dayMs = 86_400_000;
    records.fill(Date.now() - Number(days) * dayMs, Date.now(), Number(days) * 10_000);
    setInterval(() => records.fill(Date.now() - 100, Date.now(), Number(rate) / 6), 100);
  }
  const options = madeUpOptions(given["no-store"] ? undefined : store);
  const server = await WebServer.open({
    ...options,
    place: { hostname: "127.0.0.1", port: Number(port) },
  });
  console.log(`http://127.0.0.1:${server.address.port}/?token=${TOKEN}`);
}
