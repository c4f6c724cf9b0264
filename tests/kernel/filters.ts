/**
 * Runs filter scripts on the real kernel.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { temporaryFolder } from "../system/process.ts";
import { nft } from "./firewall.ts";
import { type Ended, type Running, startNfscribeWith } from "./nfscribe.ts";

/** Filter script under test. */
export interface Trial {
  /** Text of the script. */
  script: string;
  group: number;
  /** Further permission flags of nfscribe. */
  rights?: readonly string[];
  /** Further lines of `[filter]`. */
  filter?: string;
  /** Further files beside the script, by name. */
  files?: Record<string, string>;
  /** Sends packets to port 9, and acts otherwise. */
  act(trial: { folder: string; nfscribe: Running }): unknown;
}

/** Result of a trial. */
export interface Outcome extends Ended {
  /** Contents of the text output. */
  text: string;
  /** Packets that the rule logged. */
  logged: number;
}

/**
 * Runs a script in `nfscribe run` with a pcap and a LOGEMU output, while a rule logs packets to
 * port 9.
 *
 * @returns Result; the counters have been checked already.
 */
export async function tryFilter(trial: Trial): Promise<Outcome> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const { group, filter = "" } = trial;
  for (const [name, text] of Object.entries({ ...trial.files, "filter.ts": trial.script })) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n` +
      `[filter]\nscript = "filter.ts"\n${filter}\n` +
      `[output.pcap]\npath = "t.pcap"\n[output.logemu]\npath = "t.log"\nhostname = "gate"\n` +
      `[log]\nformat = "json"\n`,
  );
  await using rules = await nft([["output", `udp dport 9 counter log group ${group}`]]);
  await using nfscribe = await startNfscribeWith(
    trial.rights ?? [],
    "-c",
    `${path}/nfscribe.toml`,
  );
  await trial.act({ folder: path, nfscribe });
  nfscribe.kill("SIGTERM");
  const ended = await nfscribe.ended();
  assertEquals(ended.code, 0, ended.stderr);
  const logged = await rules.count();
  assertBalance(ended.counters, `nflog:${group}`, logged);
  return { ...ended, text: await Deno.readTextFile(`${path}/t.log`), logged };
}

/** Checks that every logged packet is in one column of each row. */
export function assertBalance(counters: Counters, source: string, logged: number): void {
  const { received, lost } = counters.sources[source]!;
  assertEquals(received + lost, logged, "received + lost = logged");
  assertEquals(imbalance(counters), []);
}

/** Returns the messages of a JSON log. */
export function messages(stderr: string): string[] {
  return stderr.trim().split("\n").map((line) => String(JSON.parse(line).message));
}
