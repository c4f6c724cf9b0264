/**
 * What gzip and zstd packed, in memory.
 *
 * @module
 */

import { constants, zstdCompressSync } from "node:zlib";
import type { ByteSource } from "../../../src/source/pcap/byte_source.ts";
import { PackedDamage, type Packer } from "../../../src/source/pcap/packed.ts";
import { unpack } from "../../../src/source/pcap/unpack.ts";
import { concat } from "../../packet/sample.ts";

/** What gzip makes of it. */
export async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What zstd makes of it, as its command does: in one frame with a checksum. */
export function packedByZstd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

/** Bytes that come in pieces. */
export class PackedBytes implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = false;
  /** How many were taken. */
  taken = 0;
  readonly #bytes: Uint8Array;
  readonly #pieceLength: () => number;

  /** Makes it; a piece is as long as the buffer at the most. */
  constructor(bytes: Uint8Array, pieceLength: () => number = () => bytes.length) {
    this.#bytes = bytes;
    this.#pieceLength = pieceLength;
  }

  /** The next piece; null at the end. */
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
 * Everything that packed bytes give, and what was wrong at the end.
 *
 * @throws What is no damage.
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
