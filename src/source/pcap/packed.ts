/** Detects compressed capture files. Pure. */

/** Supported compression: gzip (RFC 1952), zstd (RFC 8878). */
export type Packer = "gzip" | "zstd";

/** Number of bytes that {@linkcode packerOf} needs. */
export const PACKED_HEAD = 4;

/** First 16 bits of gzip data. */
const MAGIC_GZIP = 0x1f8b;
/** First 32 bits of a zstd frame, little-endian. */
export const MAGIC_ZSTD = 0xfd2fb528;
/** First 32 bits of a skippable zstd frame; the last 4 bits may be any. */
const MAGIC_SKIPPABLE = 0x184d2a50;

/** Detects compression by the first bytes; undefined if the file is not compressed. */
export function packerOf(head: Uint8Array): Packer | undefined {
  const { length } = head;
  if (length >= 2 && (head[0]! << 8 | head[1]!) === MAGIC_GZIP) return "gzip";
  if (length < PACKED_HEAD) return undefined;
  const magic = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  return magic === MAGIC_ZSTD || isSkippable(magic) ? "zstd" : undefined;
}

/** Returns whether a zstd frame is skippable. */
export function isSkippable(magic: number): boolean {
  return (magic & ~0xf) === MAGIC_SKIPPABLE;
}

/** Error for compressed data that is damaged or cut; all bytes before the damage were delivered. */
export class PackedDamage extends Error {
  override readonly name = "PackedDamage";

  constructor(packer: Packer, reason: string, options?: ErrorOptions) {
    super(`invalid ${packer} data (${reason})`, options);
  }
}
