/**
 * Receives the messages of a stream into outputs, as `nfscribe run` does:
 * `receiving.ts STREAM MESSAGES PACE_MS OUTPUTS [FILTER]`. Prints a line once it is open. With a filter
 * its sandboxes are killed, once.
 *
 * @module
 */

import { checkConfig } from "../../../src/config/config.ts";
import { Daemon } from "../../../src/daemon/daemon.ts";
import { OPENER } from "../../../src/daemon/open.ts";
import { newSource } from "../../../src/daemon/pipeline/topology.ts";
import { Log } from "../../../src/log/log.ts";
import { StreamReader } from "./stream_reader.ts";

const [stream = "", messages = "0", paceMs = "0", outputs = "{}", filter] = Deno.args;

const config = checkConfig(
  {
    source: [{ type: "nflog", group: 1 }],
    output: JSON.parse(outputs),
    ...filter !== undefined && { filter: { script: filter, on_error: "pass" } },
  },
  "test.toml",
);
const log = new Log({ file: "-", level: "info", format: "text" }, (line) => console.error(line));
const daemon = new Daemon(config, log, {
  opener: {
    ...OPENER,
    source: (part) =>
      Promise.resolve(
        newSource(part, new StreamReader(stream, Number(messages), Number(paceMs)), undefined),
      ),
  },
});
const never = new Promise<never>(() => {});
await daemon.open(never);
console.log("open");
// Not more often: nfscribe gives up on packets whose sandboxes end again and again.
const timer = filter === undefined ? undefined : setInterval(() => {
  const [source] = Object.values(daemon.counters.sources);
  if (source!.received < 100) return;
  clearInterval(timer);
  for (const { pid } of daemon.pool.members) if (pid !== undefined) Deno.kill(pid, "SIGKILL");
}, 10);
await daemon.run(new AbortController().signal);
clearInterval(timer);
await daemon.close(new AbortController().signal);
