/**
 * Wall clock of another process that a test sets: a library is preloaded into it.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { hasProgram, must } from "../system/process.ts";

/** Whether a clock can be made. */
export const HAS_GCC: boolean = hasProgram("gcc");

/** Clock of the processes that are started with its environment. */
export class SettableClock {
  /** Variables of their environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;

  private constructor(library: string, file: string) {
    this.environment = { LD_PRELOAD: library, CLOCK_OFFSET_FILE: file };
    this.#file = file;
  }

  /** Builds the library in a folder; the clock is right until it is set. */
  static async make(folder: string): Promise<SettableClock> {
    const source = fromFileUrl(new URL("clock_shim.c", import.meta.url).href);
    const library = `${folder}/clock_shim.so`;
    await must(["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source]);
    const clock = new SettableClock(library, `${folder}/clock_offset`);
    await Deno.writeFile(clock.#file, new Uint8Array(8));
    return clock;
  }

  /** Sets the clock to so many seconds more than the system's. */
  async set(seconds: number): Promise<void> {
    // The file must not become shorter: it is mapped.
    using file = await Deno.open(this.#file, { write: true });
    const nanoseconds = new BigInt64Array([BigInt(Math.round(seconds * 1e9))]);
    await file.write(new Uint8Array(nanoseconds.buffer));
  }
}
