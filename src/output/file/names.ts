/**
 * Names of files that are rotated, and which of them are removed. Pure.
 *
 * @module
 */

import { TIME } from "./options.ts";

/** Compressed files have this behind their name. */
export const COMPRESSED = ".gz";

/** A time in a name, as in `20261125T061500Z`, perhaps with a number behind it. */
const STAMP = String.raw`\d{8}T\d{6}Z(?:-(\d+))?`;

/** A file of an output's own. */
export interface OwnFile {
  /** Its name, without the folder. */
  name: string;
  /** Its length in bytes. */
  size: number;
}

/** The names of one output's files. */
export class FileNames {
  /** The folder, with `/` at its end; empty for the current one. */
  readonly folder: string;
  readonly #name: string;
  readonly #isTimed: boolean;
  readonly #ended: RegExp;

  /** Names after a path, in which `{time}` may stand. */
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

  /** Whether each file has its time in its name from its beginning on. */
  get isTimed(): boolean {
    return this.#isTimed;
  }

  /** The path of a file that is begun at this time. */
  current(seconds: number, attempt = 0): string {
    return this.folder + this.#name.replace(TIME, stamp(seconds, attempt));
  }

  /** The path that a file without a time in its name gets when it ends. */
  ended(seconds: number, attempt: number): string {
    return `${this.folder}${this.#name}.${stamp(seconds, attempt)}`;
  }

  /** Whether it is the name of an ended file, or of one that once was current. */
  isEnded(name: string): boolean {
    return this.#ended.test(name);
  }

  /** Sorts names of ended files, the oldest first. */
  sort(names: readonly string[]): string[] {
    const key = (name: string) => {
      const number = this.#ended.exec(name)?.[1] ?? "0";
      const time = /\d{8}T\d{6}Z/.exec(name)?.[0] ?? "";
      return time + number.padStart(8, "0");
    };
    return [...names].sort((a, b) => key(a) < key(b) ? -1 : 1);
  }
}

/** As in `20261125T061500Z`; further attempts have a number. */
export function stamp(seconds: number, attempt = 0): string {
  const time = new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  return attempt === 0 ? time : `${time}-${attempt}`;
}

/**
 * Which ended files go.
 *
 * @param files The ended files, the oldest first.
 * @param limits How many, and how many bytes, may stay.
 * @returns The first so many of them.
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
