/**
 * Counts the packets in rotated files, and removes these.
 *
 * @module
 */

import { FILE_OUTPUTS } from "./outputs.ts";

/** Age of a rotated file that is not written any more, in milliseconds. */
const SETTLED_MS = 2000;

/** Counts of the files in a folder. */
export class FileCounts {
  /** Packets by output. */
  readonly packets: Record<string, number> = {};
  /** Number of rotated files. */
  rotated = 0;
  readonly #folder: string;

  /** Counts nothing yet. */
  constructor(folder: string) {
    this.#folder = folder;
    for (const name of Object.keys(FILE_OUTPUTS)) this.packets[name] = 0;
  }

  /** Counts the rotated files so far. */
  async collect(): Promise<void> {
    for (const name of this.#names().filter((name) => name.includes("."))) {
      const { mtime } = await Deno.stat(`${this.#folder}/${name}`);
      if (Date.now() - mtime!.getTime() < SETTLED_MS) continue;
      await this.#count(name);
    }
  }

  /** Counts all files that are left. */
  async finish(): Promise<void> {
    for (const name of this.#names()) await this.#count(name);
  }

  #names(): string[] {
    return [...Deno.readDirSync(this.#folder)].map(({ name }) => name);
  }

  async #count(file: string): Promise<void> {
    const name = file.split(".")[0]!;
    const path = `${this.#folder}/${file}`;
    if (file !== name) this.rotated++;
    this.packets[name]! += await FILE_OUTPUTS[name]!.count(path);
    await Deno.remove(path);
  }
}
