/**
 * The folder of a segment log: made if it is missing, used by one process, with
 * files in it that others may have changed.
 */

import { quoted } from "../text/shell_quoted.ts";
import { messageOf, OutputError } from "../errors.ts";
import { tryLock } from "../files/locked_file.ts";
import { isTaken, NotRegularError } from "../files/place.ts";
import { openRegular, setAside } from "../files/set_aside.ts";
import { isQueueFile, queueSegment } from "./queue_format.ts";
import { compareSegments, parseSegmentName, type Segment, SEGMENT_MOST } from "./segment_format.ts";

/** Reports what works, but not as asked for. */
export type Warn = (message: string) => void;

/** End of the names of segments: logs of different records do not read each other's. */
export type Suffix = ".records" | ".rows";

const DENIED = "the system denies it to this user; check the owner and the mode of the";

/** A folder that this process has for itself. */
export interface SegmentFolder {
  /** Holds the lock until it is closed. */
  lock: Deno.FsFile;
  /** Segments of earlier sessions, in the order of their records. */
  segments: Segment[];
  /** Their bytes, and those of segments that cannot be read at the moment. */
  bytes: number;
}

/**
 * Locks a folder, which is made if it is missing, and finds its segments.
 *
 * @throws {OutputError} If it cannot be used.
 */
export function openFolder(folder: string, suffix: Suffix, warn: Warn): SegmentFolder {
  let lock: Deno.FsFile | undefined;
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
    lock = openLock(`${folder}/lock`);
    if (tryLock(lock)) return { lock, ...findSegments(folder, suffix, warn) };
    throw new Error("another process uses it; stop that process, or choose another folder");
  } catch (error) {
    lock?.close();
    throw folderError(folder, "use", error);
  }
}

/** Makes a segment's file; what others have put in its place is set aside. */
export function createSegment(path: string, warn: Warn): Deno.FsFile {
  if (isTaken(path)) setAside(path, "it was there before nfscribe had made it", warn);
  return Deno.openSync(path, { append: true, createNew: true, mode: 0o640 });
}

/** Makes the error of a log whose folder fails. */
export function folderError(folder: string, doing: string, cause: unknown): OutputError {
  const message = `Cannot ${doing} the spool ${folder}: ${reasonOf(cause, folder)}`;
  return new OutputError(folder, message, { cause });
}

/** Returns what is wrong with a log's folder, and what to do. */
export function reasonOf(error: unknown, folder: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without that right; run again with " +
      ["read", "write"].map((right) => quoted(`--allow-${right}=${folder}`)).join(" ");
  }
  return error instanceof Deno.errors.PermissionDenied ? `${DENIED} folder` : messageOf(error);
}

function openLock(path: string): Deno.FsFile {
  try {
    return openRegular(path, { create: true });
  } catch (error) {
    if (!(error instanceof NotRegularError)) throw error;
    throw new Error(`cannot open ${path}: ${error.message}; remove it`, { cause: error });
  }
}

/** Finds segments; those of a session that this user may not read are left to the next start. */
function findSegments(folder: string, suffix: Suffix, warn: Warn): Omit<SegmentFolder, "lock"> {
  const found: Segment[] = [];
  // A receiver that has a session's position takes what lies before it for known.
  const held = new Set<string>();
  for (const { name } of Deno.readDirSync(folder)) {
    const isOld = suffix === ".records" && isQueueFile(name);
    if (!isOld && !name.endsWith(suffix)) continue;
    const path = `${folder}/${name}`;
    try {
      const stem = parseSegmentName(name.slice(0, -suffix.length));
      if (!isOld && stem === undefined) throw new Error("nfscribe gives no file such a name");
      const segment = stem === undefined ? queueSegment(name) : { ...stem, name };
      if (!mayOpen(path) && !held.has(segment.session)) {
        held.add(segment.session);
        warn(
          `Cannot read ${path}: ${DENIED} file; the records of that session wait for the next start`,
        );
      }
      found.push({ ...segment, bytes: Math.min(Deno.lstatSync(path).size, SEGMENT_MOST) });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) setAside(path, messageOf(error), warn);
    }
  }
  const segments = found.filter(({ session }) => !held.has(session)).sort(compareSegments);
  return { segments, bytes: found.reduce((sum, { bytes = 0 }) => sum + bytes, 0) };
}

/** Returns whether this user may open a file; throws for anything else that is wrong. */
function mayOpen(path: string): boolean {
  try {
    openRegular(path).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return false;
  }
  return true;
}
