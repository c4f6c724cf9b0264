/** Compresses rotated files. */

import { COMPRESSED, UNFINISHED } from "./names.ts";
import { isTaken, unlessAbsent } from "../../files/place.ts";
import { makeFile, openToWrite } from "../../files/regular_file.ts";

/**
 * Compresses a file in pieces, and removes it when the compressed one is on the disk. If that
 * fails, the file stays as it was. A file that another process still writes, or compresses, is
 * skipped.
 *
 * @param path The file; the compressed one has the suffix `.gz`.
 * @param signal Aborts the compression.
 * @throws The error of Deno, or the signal's reason; the file is then unchanged.
 */
export async function compress(path: string, signal: AbortSignal): Promise<void> {
  using from = openToWrite(path, { links: "none" }).file;
  if (!from.tryLockSync()) return;
  const part = `${path}${COMPRESSED}${UNFINISHED}`;
  if (isTaken(part) && !removeUnfinished(part)) return;
  try {
    await compressInto(part, from, signal);
    // If the file was removed meanwhile, the compressed one must not stay either.
    if (unlessAbsent(() => Deno.statSync(path)) === undefined) return Deno.removeSync(part);
    Deno.renameSync(part, path + COMPRESSED);
    Deno.removeSync(path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

/**
 * Removes what a killed run left of a compressed file.
 *
 * @param part Its path.
 * @returns Whether it is gone: a process that still writes it holds a lock.
 * @throws The error of Deno, or one whose message fits after a colon.
 */
export function removeUnfinished(part: string): boolean {
  using file = openToWrite(part, { links: "none" }).file;
  if (!file.tryLockSync(true)) return false;
  Deno.removeSync(part);
  return true;
}

async function compressInto(part: string, from: Deno.FsFile, signal: AbortSignal): Promise<void> {
  const mode = ((await from.stat()).mode ?? 0o640) & 0o777;
  using to = makeFile(part, { mode }).file;
  to.tryLockSync(true);
  const stream = from.readable.pipeThrough(new CompressionStream("gzip"));
  const sink = new WritableStream<Uint8Array>({
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    },
  });
  await stream.pipeTo(sink, { signal });
  // A power cut must not leave an empty file in the place of a complete one.
  await to.sync();
}
