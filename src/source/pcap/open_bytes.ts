/** Opens capture files: a file, a growing file, a pipe or standard input, each also compressed. */

import { openToRead, type ReadableFile } from "../../files/regular_file.ts";
import type { ByteSource } from "./byte_source.ts";
import { GrowingFile } from "./growing_file.ts";
import { STANDARD_INPUT } from "./options.ts";
import { PACKED_HEAD, packerOf } from "./packed.ts";
import { LivePipe, Pipe } from "./pipe.ts";
import { unpack } from "./unpack.ts";

/**
 * Opens a capture file.
 *
 * @param path The file; `-` is standard input.
 * @param follow Whether to follow a growing file.
 * @param warn Receives a warning if a growing file was truncated or replaced.
 * @throws The error of Deno, or one whose message fits after a colon.
 */
export async function openBytes(
  path: string,
  follow: boolean,
  warn: (message: string) => void,
): Promise<ByteSource> {
  if (path === STANDARD_INPUT) {
    if (follow) throw new Error("it is read as it comes in any case; leave `follow` out");
    return new LivePipe(new Pipe(standardInput()));
  }
  const { isFile, isDirectory } = await Deno.stat(path);
  if (isDirectory) throw new Deno.errors.IsADirectory();
  if (follow && !isFile) {
    throw new Error("only a regular file can grow, and it is none; leave `follow` out");
  }
  if (!isFile) return new LivePipe(new Pipe(Deno.open(path)));
  const file = openToRead(path);
  try {
    const head = new Uint8Array(PACKED_HEAD);
    const packer = packerOf(head.subarray(0, await file.read(head) ?? 0));
    file.position = 0;
    if (follow && packer !== undefined) {
      throw new Error(
        `it is compressed with ${packer}, and only uncompressed files can be followed; decompress it first`,
      );
    }
    if (follow) return new GrowingFile(path, file, warn);
    return packer === undefined
      ? new WholeFile(file)
      : await unpack(packer, new Pipe(Promise.resolve(file)));
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A regular file, read to its end. */
class WholeFile implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = false;
  bytesRead = 0;
  readonly #file: ReadableFile;

  constructor(file: ReadableFile) {
    this.#file = file;
  }

  readSync(buffer: Uint8Array<ArrayBuffer>): number | null {
    const count = this.#file.readSync(buffer);
    this.bytesRead += count ?? 0;
    return count;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const count = await this.#file.read(buffer);
    this.bytesRead += count ?? 0;
    return count;
  }

  close(): void {
    this.#file.close();
  }
}

/** Returns standard input, which stays open because the process owns it. */
function standardInput() {
  return Promise.resolve({ read: (buffer: Uint8Array) => Deno.stdin.read(buffer), close() {} });
}
