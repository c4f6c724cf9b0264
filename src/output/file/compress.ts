/**
 * Compresses rotated files.
 *
 * @module
 */

import { COMPRESSED } from "./names.ts";
import { isTaken, unlessAbsent } from "../../files/place.ts";
import { makeFile, openToWrite } from "../../files/regular_file.ts";

/** Suffix of an unfinished compressed file. */
const UNFINISHED = ".part";

/**
 * Compresses a file in pieces, and removes it when the compressed one is on the disk. If that
 * fails, the file stays as it was. A file that another process still writes is skipped.
 *
 * @param path The file; the compressed one has the suffix `.gz`.
 * @param signal Aborts the compression.
 * @throws The error of Deno, or the signal's reason; the file is then unchanged.
 */
export async function compress(path: string, signal: AbortSignal): Promise<void> {
  using from = openToWrite(path, { links: "none" }).file;
  if (!from.tryLockSync()) return;
  const part = `${path}${COMPRESSED}${UNFINISHED}`;
  // A run that was killed may have left one.
  if (isTaken(part)) await Deno.remove(part);
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

async function compressInto(part: string, from: Deno.FsFile, signal: AbortSignal): Promise<void> {
  const mode = ((await from.stat()).mode ?? 0o640) & 0o777;
  using to = makeFile(part, { mode }).file;
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
