/**
 * Names of rotated files, and the choice of those to remove. Pure.
 *
 * @module
 */

import { TIME } from "./options.ts";

/** Suffix of compressed files. */
export const COMPRESSED = ".gz";

/** Pattern of a time in a name, such as `20261125T061500Z`, with an optional number. */
const STAMP = String.raw`\d{8}T\d{6}Z(?:-(\d+))?`;

/** A file of this output. */
export interface OwnFile {
  /** Its name, without the folder. */
  name: string;
  /** Its length in bytes. */
  size: number;
}

/** Names of an output's files. */
export class FileNames {
  /** The folder, with `/` at its end; empty for the current one. */
  readonly folder: string;
  readonly #name: string;
  readonly #isTimed: boolean;
  readonly #ended: RegExp;

  /** Parses a path, which may contain `{time}`. */
  constructor(path: string) {
    this.folder = path.slice(0, path.lastIndexOf("/") + 1);
    this.#name = path.slice(this.folder.length);
    this.#isTimed = this.#name.includes(TIME);
    const quoted = this.#name.split(TIME).map((part) =>
      part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    );
    const pattern = this.#isTimed ? quoted.join(STAMP) : `${quoted[0]}\\.${STAMP}`;
    this.#ended = new RegExp(`^${pattern}(\\.gz)?$`);
  }

  /** Whether each file has its time in its name from the start. */
  get isTimed(): boolean {
    return this.#isTimed;
  }

  /** Returns the path of a file that is begun at this time. */
  current(seconds: number, attempt = 0): string {
    return this.folder + this.#name.replace(TIME, stamp(seconds, attempt));
  }

  /** Returns the path to which a file without a time in its name is renamed. */
  ended(seconds: number, attempt: number): string {
    return `${this.folder}${this.#name}.${stamp(seconds, attempt)}`;
  }

  /** Returns whether it is the name of a rotated file, or of one that was current once. */
  isEnded(name: string): boolean {
    return this.#ended.test(name);
  }

  /** Sorts names of rotated files, the oldest first. */
  sort(names: readonly string[]): string[] {
    const key = (name: string) => {
      const number = this.#ended.exec(name)?.[1] ?? "0";
      const time = /\d{8}T\d{6}Z/.exec(name)?.[0] ?? "";
      return time + number.padStart(8, "0");
    };
    return [...names].sort((a, b) => key(a) < key(b) ? -1 : 1);
  }
}

/** Formats a time such as `20261125T061500Z`; further attempts have a number. */
export function stamp(seconds: number, attempt = 0): string {
  const time = new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  return attempt === 0 ? time : `${time}-${attempt}`;
}

/**
 * Chooses the rotated files to remove.
 *
 * @param files The rotated files, the oldest first.
 * @param limits The number of files and bytes to keep.
 * @returns The oldest ones that exceed the limits.
 */
export function excessFiles(
  files: readonly OwnFile[],
  { keep = Infinity, bytes = Infinity }: { keep?: number; bytes?: number },
): OwnFile[] {
  let left = files.reduce((sum, { size }) => sum + size, 0);
  let count = 0;
  while (count < files.length && (files.length - count > keep || left > bytes)) {
    left -= files[count++]!.size;
  }
  return files.slice(0, count);
}
