/**
 * `nfscribe run` as another process.
 *
 * @module
 */

import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { deno, ROOT } from "../system/process.ts";

/** How long a run may take to its end, in milliseconds; then it is killed. */
const DEADLINE_MS = 20_000;

/** What a configuration file is to say. */
export interface Configuration {
  /** The groups to read. */
  groups: readonly number[];
  /** The pcap file; `-` is standard output. */
  pcap: string;
  /** Further lines of each `[[source]]`, as in `buffer_size = 65536`. */
  source?: string;
}

/** A running nfscribe. */
export interface Running extends AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** Its standard output. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What it has said so far. */
  readonly said: string;
  /** Sends it a signal. */
  kill(signal: Deno.Signal): void;
  /** Waits for its end, which must be near. */
  ended(): Promise<Ended>;
}

/** How a run ended. */
export interface Ended {
  /** The exit status. */
  code: number;
  /** All that it said. */
  stderr: string;
  /** What the record `stopped` carries. */
  counters: Counters;
}

/** Writes a configuration file with a log for machines. */
export async function writeConfig(file: string, configuration: Configuration): Promise<void> {
  const { groups, pcap, source = "" } = configuration;
  const sources = groups.map((group) =>
    `[[source]]\ntype = "nflog"\ngroup = ${group}\ncopy_range = 100\n${source}\n`
  );
  await Deno.writeTextFile(
    file,
    `${sources.join("")}[output.pcap]\npath = "${pcap}"\n[log]\nformat = "json"\n`,
  );
}

/**
 * Starts `nfscribe run` with just the rights that it needs.
 *
 * @param args What follows `run`.
 * @returns It, once it has told that it is ready.
 * @throws {Error} If it ends instead; the message holds what it said.
 */
export function startNfscribe(...args: readonly string[]): Promise<Running> {
  return startNfscribeWith([], ...args);
}

/** The same, with further permission flags. */
export async function startNfscribeWith(
  further: readonly string[],
  ...args: readonly string[]
): Promise<Running> {
  const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
  const [command, ...rest] = deno(...rights, ...further, `${ROOT}main.ts`, "run", ...args);
  const child = new Deno.Command(command!, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const started = Promise.withResolvers<void>();
  const told = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      if (/started/.test(stderr)) started.resolve();
    }
    const { code } = await child.status;
    started.reject(new Error(`nfscribe run ended with status ${code}: ${stderr}`));
  })();
  // It may end by itself later on, when nobody waits for its start any more.
  started.promise.catch(() => {});
  const ended = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
    const { code } = await child.status;
    clearTimeout(timer);
    await told;
    const last = stderr.trimEnd().split("\n").find((line) => line.includes('"stopped"'));
    return { code, stderr, counters: JSON.parse(last ?? "{}").counters };
  };
  const close = async () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It is gone already, as it should be.
      if (!(error instanceof TypeError)) throw error;
    }
    await child.status;
    await told;
    if (!child.stdout.locked) await child.stdout.cancel();
  };
  try {
    await started.promise;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: child.pid,
    stdout: child.stdout,
    get said() {
      return stderr;
    },
    kill: (signal) => child.kill(signal),
    ended,
    [Symbol.asyncDispose]: close,
  };
}

/** Packets in a pcap file of link type RAW, by walking through its records. */
export async function countRecords(path: string): Promise<number> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  let count = 0;
  let at = 24;
  while (at + 16 <= bytes.length) {
    at += 16 + view.getUint32(at + 8, true);
    count++;
  }
  if (at !== bytes.length) throw new Error(`${path} does not end at a whole record`);
  return count;
}
