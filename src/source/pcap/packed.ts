/**
 * What packed a capture file, and damage in what it made. Pure.
 *
 * @module
 */

/** Programs whose files are unpacked as they are read: gzip (RFC 1952), zstd (RFC 8878). */
export type Packer = "gzip" | "zstd";

/** Bytes that {@linkcode packerOf} looks at. */
export const PACKED_HEAD = 4;

/** First 16 bits of what gzip packed. */
const MAGIC_GZIP = 0x1f8b;
/** First 32 bits of a frame of zstd, little-endian. */
export const MAGIC_ZSTD = 0xfd2fb528;
/** The same of a frame that holds no data of its own; the last 4 bits may be any. */
const MAGIC_SKIPPABLE = 0x184d2a50;

/** Which packer a file is by, as its first bytes tell; undefined where it is not packed. */
export function packerOf(head: Uint8Array): Packer | undefined {
  const { length } = head;
  if (length >= 2 && (head[0]! << 8 | head[1]!) === MAGIC_GZIP) return "gzip";
  if (length < PACKED_HEAD) return undefined;
  const magic = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
  return magic === MAGIC_ZSTD || isSkippable(magic) ? "zstd" : undefined;
}

/** Whether a frame of zstd holds no data. */
export function isSkippable(magic: number): boolean {
  return (magic & ~0xf) === MAGIC_SKIPPABLE;
}

/** What was packed is damaged or cut; all before the damage was given. */
export class PackedDamage extends Error {
  override readonly name = "PackedDamage";

  /** Makes the error. */
  constructor(packer: Packer, reason: string, options?: ErrorOptions) {
    super(`${packer}'s data ends in error (${reason})`, options);
  }
}
