/** Opens the destination of an output: a file, a pipe, standard output. */

import { failure } from "./failure.ts";
import { FileWriter } from "./file_writer.ts";
import { type FileOptions, isRotated, STANDARD_OUTPUT, TIME } from "./options.ts";
import { lookAt, requireSame } from "../../files/place.ts";
import type { FileFormat } from "./record_file.ts";
import { StreamWriter } from "./stream_writer.ts";

/**
 * Opens a file, a pipe or standard output to append to; afterwards it contains the format's header.
 *
 * @param options The path and its options.
 * @param format The required format.
 * @param warn Receives a warning if the file's torn end was cut off, and later if the file was
 *   moved away.
 * @throws {OutputError} If it cannot be opened or has other contents; it is then unchanged.
 */
export async function openFile(
  options: FileOptions,
  format: FileFormat,
  warn: (message: string) => void,
): Promise<FileWriter | StreamWriter> {
  const { path } = options;
  if (path === STANDARD_OUTPUT) return await StreamWriter.begin(path, Deno.stdout, format);
  try {
    const there = path.includes(TIME) ? undefined : lookAt(path);
    if (there === undefined || there.isFile || there.isDirectory) {
      return new FileWriter(options, format, warn);
    }
    if (isRotated(options) || options.freeSpace !== undefined) {
      throw new Error(
        "a pipe cannot be rotated; leave out rotate_size, rotate_seconds and free_space",
      );
    }
    return await StreamWriter.begin(path, await openPipe(path, there), format);
  } catch (error) {
    throw failure(path, "open", error);
  }
}

/** Opens a pipe when it has a reader. */
async function openPipe(path: string, before: Deno.FileInfo): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { write: true });
  try {
    requireSame(before, await file.stat());
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
