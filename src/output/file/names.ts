/** Names of rotated files, and the choice of those to remove. Pure. */

import { TIME } from "./options.ts";

/** Suffix of compressed files. */
export const COMPRESSED = ".gz";
/** Suffix of a compressed file that is not finished. */
export const UNFINISHED = ".part";
/**
 * Time that a name may lie ahead of the clock, in seconds: clocks that show another zone's time, or
 * were set back by a little, are no reason to take a file for an old one.
 */
const AHEAD_MAX = 86_400;

/** Pattern of a time in a name, such as `20261125T061500Z`, with an optional number. */
const STAMP = String.raw`\d{8}T\d{6}Z(?:-(\d+))?`;

/** Last second that a name can tell: 9999-12-31T23:59:59Z. */
const LAST_SECOND = 253_402_300_799;

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
  readonly #unfinished: RegExp;

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
    this.#unfinished = new RegExp(`^${pattern}\\.gz\\.part$`);
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

  /** Whether it is the name of a compressed file that was not finished. */
  isUnfinished(name: string): boolean {
    return this.#unfinished.test(name);
  }

  /**
   * Sorts names of rotated files, the oldest first. Files of this run come last, in their order,
   * whatever the clock showed. Of the others, names with a time in the future are first: the clock
   * was wrong.
   *
   * @param names The names.
   * @param nowSeconds Current time, in seconds since the Unix epoch.
   * @param own Order of the files of this run, by their names before they were compressed.
   */
  sort(
    names: readonly string[],
    nowSeconds = Infinity,
    own: ReadonlyMap<string, number> = new Map(),
  ): string[] {
    const keys = new Map(names.map((name) => {
      const order = own.get(plainName(name));
      if (order !== undefined) return [name, `2${String(order).padStart(16, "0")}`];
      return [name, (this.isAhead(name, nowSeconds) ? "0" : "1") + this.#stampOf(name)];
    }));
    return [...names].sort((a, b) => keys.get(a)! < keys.get(b)! ? -1 : 1);
  }

  /** Whether the time in the name of a rotated file is more than a day in the future. */
  isAhead(name: string, nowSeconds: number): boolean {
    const latest = nowSeconds + AHEAD_MAX;
    return latest < LAST_SECOND && this.#stampOf(name) > stamp(latest);
  }

  /** Returns the time in a name, with a number behind it. */
  #stampOf(name: string): string {
    const number = this.#ended.exec(name)?.[1] ?? "0";
    const time = /\d{8}T\d{6}Z/.exec(name)?.[0] ?? "";
    return time + number.padStart(8, "0");
  }
}

/** Returns the name of a file before it was compressed. */
export function plainName(name: string): string {
  return name.endsWith(COMPRESSED) ? name.slice(0, -COMPRESSED.length) : name;
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
