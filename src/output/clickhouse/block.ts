/**
 * Blocks of ClickHouse's compressed format, in which a body says how long it is (ClickHouse
 * documentation, "HTTP Interface", `decompress`). Older servers take a body that was cut between two
 * rows for a whole one; of a block they take all or nothing. Pure.
 */

/** Bytes of a block's head: a checksum of 16 bytes, the method, and two sizes. */
export const BLOCK_HEAD = 25;
/** Method of bytes that are not compressed: `CompressionMethodByte::NONE`. */
const NONE = 0x02;
/** Size of the method and the sizes, which the first size counts. */
const COUNTED_HEAD = 9;

/** Settings of a request whose body is a block: the checksum is not needed over TCP. */
export const BLOCK_SETTINGS = {
  decompress: 1,
  http_native_compression_disable_checksumming_on_decompress: 1,
} as const;

/** Writes the head of a block whose data stand behind it. */
export function writeBlockHead(block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const size = block.length - BLOCK_HEAD;
  block.fill(0, 0, 16);
  view.setUint8(16, NONE);
  view.setUint32(17, size + COUNTED_HEAD, true);
  view.setUint32(21, size, true);
}
