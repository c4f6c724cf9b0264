/**
 * Runs `nfscribe run` as another process.
 *
 * @module
 */

import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { deno, ROOT } from "../system/process.ts";

/** Time limit of a run, in milliseconds; then it is killed. */
const DEADLINE_MS = 60_000;

/** Contents of a configuration file. */
export interface Configuration {
  /** Groups to read. */
  groups: readonly number[];
  /** Path of the pcap file; `-` is standard output. */
  pcap: string;
  /** Further lines of each `[[source]]`, as in `buffer_size = 65536`. */
  source?: string;
}

/** Running nfscribe. */
export interface Running extends AsyncDisposable {
  /** Process id. */
  readonly pid: number;
  /** Standard output. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Standard error so far. */
  readonly said: string;
  /** Sends a signal. */
  kill(signal: Deno.Signal): void;
  /** Waits for the exit, which must be near. */
  ended(): Promise<Ended>;
}

/** Exit of a run. */
export interface Ended {
  /** Exit status. */
  code: number;
  /** Standard error. */
  stderr: string;
  /** Counters of the record `stopped`. */
  counters: Counters;
}

/** Writes a configuration file with a JSON log. */
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
 * Starts `nfscribe run` with only the rights that it needs.
 *
 * @param args Arguments after `run`.
 * @returns Process, once it is ready.
 * @throws {Error} If it ends instead; the message contains its standard error.
 */
export function startNfscribe(...args: readonly string[]): Promise<Running> {
  return startNfscribeWith([], ...args);
}

/** Starts `nfscribe run` with further permission flags. */
export function startNfscribeWith(
  further: readonly string[],
  ...args: readonly string[]
): Promise<Running> {
  const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
  return startNfscribeExactly([...rights, ...further], ...args);
}

/** Starts `nfscribe run` with exactly these permission flags. */
export function startNfscribeExactly(
  rights: readonly string[],
  ...args: readonly string[]
): Promise<Running> {
  return startProgram(...deno(...rights, `${ROOT}main.ts`, "run", ...args));
}

/** Starts a program that runs nfscribe. */
export async function startProgram(...[command, ...args]: readonly string[]): Promise<Running> {
  const child = new Deno.Command(command!, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const started = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      if (/started/.test(stderr)) started.resolve();
    }
    const { code } = await child.status;
    started.reject(new Error(`nfscribe run ended with status ${code}: ${stderr}`));
  })();
  // It may end later, when its start is not awaited any more.
  started.promise.catch(() => {});
  const ended = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
    const { code } = await child.status;
    clearTimeout(timer);
    await reading;
    const last = stderr.trimEnd().split("\n").find((line) => line.includes('"stopped"'));
    return { code, stderr, counters: JSON.parse(last ?? "{}").counters };
  };
  const close = async () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It has ended already, as expected.
      if (!(error instanceof TypeError)) throw error;
    }
    await child.status;
    await reading;
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

/** Counts the packets in a pcap file of link type RAW, by walking through its records. */
export async function countRecords(path: string): Promise<number> {
  const { count, isWhole } = await recordsIn(path);
  if (!isWhole) throw new Error(`${path} does not end at a whole record`);
  return count;
}

/** Returns whether a file that is being written has so many packets, and nothing behind them. */
export async function hasRecords(path: string, wanted: number): Promise<boolean> {
  // A reader may see a part of what is written at once.
  const { count, isWhole } = await recordsIn(path);
  return isWhole && count === wanted;
}

async function recordsIn(path: string): Promise<{ count: number; isWhole: boolean }> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  let count = 0;
  let at = 24;
  while (at + 16 <= bytes.length) {
    at += 16 + view.getUint32(at + 8, true);
    count++;
  }
  return { count, isWhole: at === bytes.length };
}
