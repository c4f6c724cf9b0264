/**
 * Bodies of inserts: frames of ClickHouse's compressed format, each of which says how long it is
 * (ClickHouse documentation, "HTTP Interface", `decompress`). Older servers take a body that was cut
 * between two blocks of rows for a whole one; so the last byte of each block comes with the frame
 * behind it. Pure.
 */

/** Bytes of a frame's head: a checksum of 16 bytes, the method, and two sizes. */
const FRAME_HEAD = 25;
/** Method of bytes that are not compressed: `CompressionMethodByte::NONE`. */
const NONE = 0x02;
/** Size of the method and the sizes, which the first size counts. */
const COUNTED_HEAD = 9;
/** The most bytes that are sent at a time. */
const PIECE = 256 * 1024;

/** Settings of a request whose body is frames: the checksum is not needed over TCP. */
export const FRAME_SETTINGS = {
  decompress: 1,
  http_native_compression_disable_checksumming_on_decompress: 1,
} as const;

/** Makes the frames of one body. */
export class BodyFrames {
  /** Last byte of the block before. */
  #held: number | undefined;

  /**
   * Makes the pieces of a frame with a block.
   *
   * @param parts The block's bytes.
   * @returns Pieces that belong to the caller.
   */
  *block(parts: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>> {
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const held = this.#held === undefined ? [] : [this.#held];
    const all = [Uint8Array.of(...headOf(size - 1 + held.length), ...held), ...parts];
    const last = parts.findLast(({ length }) => length > 0)!;
    this.#held = last[last.length - 1]!;
    let left = all[0]!.length + size - 1;
    let piece = new Uint8Array(Math.min(PIECE, left));
    let to = 0;
    for (const part of all) {
      for (let at = 0; at < part.length && left > 0;) {
        const length = Math.min(part.length - at, piece.length - to);
        piece.set(part.subarray(at, at + length), to);
        at += length;
        to += length;
        left -= length;
        if (to < piece.length) continue;
        yield piece;
        piece = new Uint8Array(Math.min(PIECE, left));
        to = 0;
      }
    }
  }

  /** Returns the frame that ends the body. */
  end(): Uint8Array<ArrayBuffer> {
    return Uint8Array.of(...headOf(1), this.#held!);
  }
}

/** Returns the head of a frame of so many bytes. */
function headOf(size: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD);
  const view = new DataView(head.buffer);
  view.setUint8(16, NONE);
  view.setUint32(17, size + COUNTED_HEAD, true);
  view.setUint32(21, size, true);
  return head;
}
