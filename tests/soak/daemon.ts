/**
 * nfscribe under soak, whichever process it is at the time: processes take over from each other.
 *
 * @module
 */

import { FAST } from "../../scripts/compile.ts";
import { addCounters, type Counters } from "../../src/daemon/telemetry/ledger.ts";
import { readCounters } from "../../src/daemon/telemetry/stats_client.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { type Running, startProgram } from "../kernel/nfscribe.ts";
import { deno, ROOT } from "../system/process.ts";

/** Time limit of an answer of the counters' socket, in milliseconds. */
const ANSWER_MS = 10_000;
const WARNING = /"level":"(warn|error)"/;
/** The soak runs as root. */
const ROOT_WARNING = /goes on as root/;
const RIGHTS = [
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-sys=hostname",
  "--allow-net",
  FAST,
];

/** Counters of processes that have ended. */
export interface Total {
  /** Sum of the counters. */
  counters: Counters;
  /** Rows of the table that former processes left in the spool. */
  recovered: number;
  /** Deviations of single processes, a line each. */
  wrong: string[];
}

/** nfscribe, with a configuration in a folder. */
export class SoakedDaemon implements AsyncDisposable {
  readonly total: Total = {
    counters: {
      sources: {},
      filter: { passed: 0, dropped: 0, failed: 0, timedOut: 0 },
      outputs: {},
    },
    recovered: 0,
    wrong: [],
  };
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #onWarning: (record: string) => void;
  #running: Running | undefined;

  /**
   * Prepares the first process.
   *
   * @param folder Folder of `nfscribe.toml`, and of the counters' socket `run.sock`.
   * @param environment Further variables of its environment.
   * @param onWarning Receives warnings and errors of its log.
   */
  constructor(
    folder: string,
    environment: Readonly<Record<string, string>>,
    onWarning: (record: string) => void,
  ) {
    this.#onWarning = onWarning;
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Process id of the process that reads. */
  get pid(): number {
    return this.#running!.pid;
  }

  /** Starts the first process, or lets another one take over. */
  async start(): Promise<void> {
    const before = this.#running;
    const set = Object.entries(this.#environment).map(([name, value]) => `${name}=${value}`);
    const words = [`${ROOT}main.ts`, "run", "-c", `${this.#folder}/nfscribe.toml`];
    if (before !== undefined) words.push("--takeover");
    this.#running = await startProgram("env", ...set, ...deno(...RIGHTS, ...words));
    if (before !== undefined) await this.#add(before);
  }

  /** Lets it read its configuration again. */
  reload(): void {
    this.#running!.kill("SIGHUP");
  }

  /** Asks for the counters of the process that reads. */
  counters(): Promise<Counters> {
    return readCounters(`${this.#folder}/run.sock`, ANSWER_MS);
  }

  /** Stops the last process. */
  async stop(): Promise<void> {
    this.#running!.kill("SIGTERM");
    await this.#add(this.#running!);
  }

  /** Kills what still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }

  async #add(running: Running): Promise<void> {
    const { code, stderr, counters } = await running.ended();
    const { total } = this;
    if (code !== 0 && code !== 3) total.wrong.push(`status ${code}: ${stderr}`);
    total.wrong.push(...imbalance(counters));
    const { recovered = 0 } = (counters.outputs.postgres ?? {}) as { recovered?: number };
    total.recovered += recovered;
    total.counters = addCounters(total.counters, counters);
    const records = stderr.split("\n").filter((line) => WARNING.test(line));
    for (const record of records) if (!ROOT_WARNING.test(record)) this.#onWarning(record);
  }
}
