/**
 * A running program: packets kept, and resources used.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { must, until } from "../system/process.ts";
import { memoryOf, mostMemoryOf } from "./cpu.ts";
import type { Program } from "./programs.ts";
import { FileRecords } from "./records.ts";

/** File in which the kernel lists the holders of groups. */
const HOLDERS = "/proc/net/netfilter/nfnetlink_log";

/** Returns whether that file can be read. */
export function seesHolders(): boolean {
  return readProcFile(HOLDERS) !== undefined;
}

/** Returns the netlink port id that holds a group: the program's process id. */
export function holderOfGroup(group: number): number | undefined {
  return holderOf(readProcFile(HOLDERS) ?? "", group);
}

/** Memory of a process and its children, in MB. */
export interface Memory {
  /** Current memory (`Pss`). */
  resident: number;
  /** The most that it ever was (`VmHWM`), without what the processes have in common. */
  most: number;
}

/** A program that holds its group. */
export class Running implements AsyncDisposable {
  readonly program: Program;
  readonly #child: Deno.ChildProcess;
  readonly #records: FileRecords | undefined;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    program: Program,
    child: Deno.ChildProcess,
    records: FileRecords | undefined,
  ) {
    this.program = program;
    this.#child = child;
    this.#records = records;
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * Starts a program in a folder of its own; one in C is built first.
   *
   * @param program The program.
   * @param parent Folder in which its folder is created.
   * @returns The program, once it holds its group.
   * @throws {Error} If it ends instead; the message contains its output.
   */
  static async start(program: Program, parent: string): Promise<Running> {
    const { command, config, environment, file, group, ready = "", source } = program;
    const folder = `${parent}/${group}`;
    await Deno.mkdir(folder);
    if (source !== undefined) await must(["gcc", "-O2", "-o", command[0]!, source]);
    if (config !== undefined) await Deno.writeTextFile(`${folder}/${config.name}`, config.text);
    const said = `${folder}/stderr`;
    const child = new Deno.Command("sh", {
      args: ["-c", 'exec "$@" 2>stderr', "sh", ...command],
      cwd: folder,
      env: environment ?? {},
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const running = new Running(
      program,
      child,
      file === undefined ? undefined : new FileRecords(`${folder}/${file}`, program.kind),
    );
    let ended = false;
    void child.status.then(() => ended = true);
    await until(`${program.name} holds its group`, async () => {
      if (ended) throw new Error(`${program.name} ended: ${await Deno.readTextFile(said)}`);
      return holderOfGroup(group) !== undefined &&
        (await Deno.readTextFile(said)).includes(ready);
    });
    return running;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Reads its memory. */
  memory(): Memory {
    return { resident: memoryOf(this.pid), most: mostMemoryOf(this.pid) };
  }

  /** Returns the number of packets kept so far. */
  async kept(): Promise<number> {
    if (this.#records !== undefined) return await this.#records.count();
    this.#child.kill("SIGUSR1");
    const { value } = await this.#lines.read();
    return Number(value);
  }

  /** Stops it; returns the number of packets kept in total. */
  async stop(): Promise<number> {
    if (this.#records === undefined) {
      const kept = await this.kept();
      await this[Symbol.asyncDispose]();
      return kept;
    }
    this.#child.kill("SIGTERM");
    await this.#child.status;
    return await this.#records.count();
  }

  /** Kills it if it is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#lines.cancel();
  }
}
