/**
 * Compressed bytes in memory.
 *
 * @module
 */

import { constants, zstdCompressSync } from "node:zlib";
import type { ByteSource } from "../../../src/source/pcap/byte_source.ts";
import { PackedDamage, type Packer } from "../../../src/source/pcap/packed.ts";
import { unpack } from "../../../src/source/pcap/unpack.ts";
import { concat } from "../../packet/sample.ts";

/** Compresses with gzip. */
export async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Compresses with zstd as its command does: in one frame with a checksum. */
export function packedByZstd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

/** A stream that returns bytes in pieces. */
export class PackedBytes implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = false;
  /** Number of bytes read. */
  taken = 0;
  readonly #bytes: Uint8Array;
  readonly #pieceLength: () => number;

  /** Creates it; a piece is at most as long as the buffer. */
  constructor(bytes: Uint8Array, pieceLength: () => number = () => bytes.length) {
    this.#bytes = bytes;
    this.#pieceLength = pieceLength;
  }

  /** Returns the next piece; null at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const length = Math.min(this.#pieceLength(), buffer.length);
    const piece = this.#bytes.subarray(this.taken, this.taken + length);
    buffer.set(piece);
    this.taken += piece.length;
    return Promise.resolve(piece.length === 0 ? null : piece.length);
  }

  /** Does nothing. */
  close(): void {}
}

/**
 * Returns everything that compressed bytes contain, and the damage at the end.
 *
 * @throws Errors other than damage.
 */
export async function unpackAll(
  bytes: PackedBytes,
  packer: Packer = "gzip",
): Promise<{ unpacked: Uint8Array<ArrayBuffer>; damage: string | undefined }> {
  const source = await unpack(packer, bytes);
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const buffer = new Uint8Array(65_536);
      const count = await source.read(buffer);
      if (count === null) return { unpacked: concat(...pieces), damage: undefined };
      pieces.push(buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof PackedDamage)) throw error;
    return { unpacked: concat(...pieces), damage: error.message };
  } finally {
    source.close();
  }
}
