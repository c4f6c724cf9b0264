/**
 * A central nfscribe for tests: a process.
 *
 * @module
 */

import { readCounters, type Stats } from "../../../src/daemon/telemetry/stats_client.ts";
import { deno, must, ROOT, until } from "../../system/process.ts";

const LIMIT_MS = 60_000;

/** A central nfscribe that writes lines of JSON, with the rights that it asks for and no others. */
export class Central implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  /**
   * Starts it.
   *
   * @param lines Further lines of the source's table.
   */
  static async start(url: string, folder: string, lines = ""): Promise<Central> {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(
      `${folder}/nfscribe.toml`,
      `[[source]]
type = "nats"
url = "${url}"
create = true
${lines}
[output.json]
path = "out.json"
[log]
file = "log"
[stats]
socket = "socket"
`,
    );
    const words = [`${ROOT}main.ts`, "run", "-c", `${folder}/nfscribe.toml`];
    const look = ["--allow-read", "--allow-env", "--allow-sys"];
    const flags = (await must(deno(...look, ...words, "--flags"))).trim().split("\n");
    const [program, ...args] = deno(...flags, ...words);
    const child = new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).spawn();
    return new Central(child, folder);
  }

  /** Its counters. */
  counters(): Promise<Stats> {
    return readCounters(`${this.#folder}/socket`, LIMIT_MS);
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until its log has these words. */
  async untilSaid(words: string): Promise<void> {
    const holds = async () => (await read(`${this.#folder}/log`)).includes(words);
    await until(words, holds, LIMIT_MS);
  }

  /** Waits until it has written so many packets; returns their numbers. */
  async written(count: number): Promise<number[]> {
    await until(`${count} packets`, async () => (await this.#numbers()).length >= count, LIMIT_MS);
    return await this.#numbers();
  }

  async #numbers(): Promise<number[]> {
    const lines = (await read(`${this.#folder}/out.json`)).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).sourcePort);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
