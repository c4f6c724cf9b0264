/**
 * Ended files, smaller.
 *
 * @module
 */

import { COMPRESSED } from "./names.ts";
import { isTaken, unlessAbsent } from "../../files/place.ts";
import { makeFile, openToWrite } from "../../files/regular_file.ts";

/** What is not finished has this behind its name. */
const UNFINISHED = ".part";

/**
 * Compresses a file, piece by piece, and removes it when the smaller one is on the
 * disk. Whatever happens before that, the file stays as it was. One that a process
 * still writes is left alone.
 *
 * @param path The file; the smaller one has `.gz` behind its name.
 * @param signal Ends it early.
 * @throws What Deno says, or the signal's reason; nothing was done then.
 */
export async function compress(path: string, signal: AbortSignal): Promise<void> {
  using from = openToWrite(path, { links: "none" }).file;
  if (!from.tryLockSync()) return;
  const part = `${path}${COMPRESSED}${UNFINISHED}`;
  // A run that was killed may have left one.
  if (isTaken(part)) await Deno.remove(part);
  try {
    await compressInto(part, from, signal);
    // Without waiting, for the file may be removed meanwhile: then this one is too much, as well.
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
  // A power cut must not leave an empty file in the place of a whole one.
  await to.sync();
}
