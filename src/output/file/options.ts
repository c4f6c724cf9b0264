/**
 * Options that all outputs to files share: rotation, and removal and compression of rotated files.
 */

import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  useless,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";
import type { ConfigProblem } from "../../errors.ts";

/** The path that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/** Placeholder in a path for the time at which the file was begun. */
export const TIME = "{time}";

/** Rotation of files, and removal and compression of rotated ones. */
export interface FileRotation {
  /**
   * A file is rotated before it exceeds so many bytes, but a batch of up to half a mebibyte is
   * written whole; absent for no limit.
   */
  rotateSize?: number;
  /**
   * A file is rotated at each multiple of so many seconds since the Unix epoch; absent for never.
   */
  rotateSeconds?: number;
  /** Number of rotated files to keep; absent for all. */
  rotateKeep?: number;
  /**
   * Compression of rotated files: `gzip` compresses them in the background.
   *
   * @default {"none"}
   */
  compress?: "none" | "gzip";
  /**
   * Total size of all files in bytes; the oldest rotated ones are removed first. Absent for no
   * limit.
   */
  totalSize?: number;
  /**
   * Free space to leave on the file system in bytes, which takes `--allow-sys=statfs` to measure;
   * absent for none.
   */
  freeSpace?: number;
  /**
   * The mode of new files, in octal digits.
   *
   * @default {"0640"}
   */
  mode?: string;
  /**
   * Whether missing folders are created.
   *
   * @default {false}
   */
  makeFolders?: boolean;
}

/** Default mode of new files. */
export const DEFAULT_MODE = "0640";

const BYTES_MAX = 2 ** 50;

/** Options about files in a configuration. */
export const fileEntries = {
  path: described(
    "The file; - is standard output, {time} becomes the time at which the file was begun.",
    path("file", "a file's path, or - for standard output"),
  ),
  sync: described(
    "Whether every batch reaches the file at once, so that `tail -f` works.",
    optional(yesOrNo(), true),
  ),
  rotateSize: described(
    "A file is rotated before it exceeds so many bytes.",
    omittable(wholeNumber(4096, BYTES_MAX)),
  ),
  rotateSeconds: described(
    "A file is rotated at each multiple of so many seconds, in UTC: 86400 is midnight.",
    omittable(wholeNumber(1, 31_622_400)),
  ),
  rotateKeep: described(
    "How many rotated files are kept; all if left out.",
    omittable(wholeNumber(0, 1_000_000)),
  ),
  compress: described("Compression of rotated files.", optional(oneOf(["none", "gzip"]), "none")),
  totalSize: described(
    "Total size of this output's files in bytes: the oldest rotated ones are removed first.",
    omittable(wholeNumber(4096, BYTES_MAX)),
  ),
  freeSpace: described(
    "Free space to leave on the file system, in bytes: the oldest rotated files are removed first; " +
      "if that is not enough, nothing is written.",
    omittable(wholeNumber(4096, BYTES_MAX)),
  ),
  mode: described("The mode of new files.", optional(octal(), DEFAULT_MODE)),
  makeFolders: described(
    "Whether missing folders are created.",
    optional(yesOrNo(), false),
  ),
} satisfies Entries & { [Name in keyof FileRotation]: unknown };

/** Options of an output to files. */
export type FileOptions = Pick<OptionsOf<typeof fileEntries>, "path" | "sync"> & FileRotation;

function octal() {
  return oneOf(["0600", "0640", "0644", "0660", "0664"]);
}

/** Returns whether files are rotated, so that there are several. */
export function isRotated({ path = "", rotateSize, rotateSeconds }: Partial<FileOptions>): boolean {
  return rotateSize !== undefined || rotateSeconds !== undefined || path.includes(TIME);
}

/** Returns problems of options that are valid one by one. */
export function fileProblems(options: Partial<FileOptions>): ConfigProblem[] {
  const { path, rotateSize, totalSize } = options;
  // Its absence is already a problem of its own.
  if (path === undefined) return [];
  const problems: ConfigProblem[] = [];
  if (path === STANDARD_OUTPUT) {
    problems.push(
      ...useless(fileEntries, options, ["rotateSize", "rotateSeconds", "freeSpace"], NO_FILE),
    );
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.includes(TIME) && (!name.includes(TIME) || path.split(TIME).length > 2)) {
    problems.push({ key: "path", message: "may have {time} once, in the file's name" });
  }
  const [unknown] = name.replaceAll(TIME, "").match(/\{\w+\}/) ?? [];
  if (unknown !== undefined) {
    problems.push({
      key: "path",
      message: `has ${unknown}, which nothing replaces; only ${TIME} is replaced`,
    });
  }
  if (!isRotated(options)) {
    problems.push(
      ...useless(fileEntries, options, ["rotateKeep", "totalSize", "compress"], NEVER_ENDS),
    );
  }
  if (totalSize !== undefined && rotateSize !== undefined && totalSize < rotateSize) {
    problems.push({
      key: "total_size",
      message: "is less than rotate_size, so that no file could be kept; raise it",
    });
  }
  return problems;
}

const NO_FILE = "is not supported for standard output; name a file, or leave it out";
const NEVER_ENDS =
  "is about rotated files, and this one is never rotated; add rotate_size or rotate_seconds";
