/**
 * Splits zstd frames (RFC 8878 section 3) into parts that decompress to at most 128 KiB each: a
 * frame's header, its blocks, its checksum. Pure.
 */

import { isSkippable, MAGIC_ZSTD, PackedDamage } from "./packed.ts";

/** The largest block in bytes, compressed or not (`ZSTD_BLOCKSIZE_MAX`). */
export const BLOCK_MAX = 128 * 1024;
/**
 * The largest supported window, which is also zstd's default limit
 * (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`).
 */
const WINDOW_MAX = 128 * 1024 * 1024;

/**
 * Sizes in bytes: a frame's magic number and descriptor; a skippable frame's header; other headers.
 */
const DESCRIPTOR_END = 5;
const SKIPPABLE_HEADER = 8;
const BLOCK_HEADER = 3;
const CHECKSUM = 4;

/** Types of blocks; the third one is compressed. */
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/** Kinds of parts. */
type Next = "frame" | "block" | "checksum" | "skipped";

/** Parser of a file's frames. */
export class ZstdFrames {
  #next: Next = "frame";
  /** Whether a checksum ends the frame. */
  #hasChecksum = false;
  /** Bytes left to skip. */
  #skipping = 0;

  /** Whether the file may end here. */
  get mayEnd(): boolean {
    return this.#next === "frame";
  }

  /**
   * Returns the length of the next part, as far as its first bytes show.
   *
   * @param at Offset of the part.
   * @param end Offset after the available bytes.
   * @returns The length of the whole part if it is available; otherwise more than is available:
   *   call again with that many bytes.
   * @throws {PackedDamage} If it is not valid zstd, or not supported.
   */
  lengthOf(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#next) {
      case "frame":
        return frameHeaderLength(bytes, at, end);
      case "block":
        return blockLength(bytes, at, end);
      case "checksum":
        return CHECKSUM;
      case "skipped":
        return Math.min(this.#skipping, Math.max(1, end - at));
    }
  }

  /**
   * Skips a part that is complete.
   *
   * @returns Whether it must be decompressed; other parts hold no data.
   */
  take(bytes: Uint8Array, at: number, length: number): boolean {
    switch (this.#next) {
      case "frame":
        return this.#takeFrame(bytes, at);
      case "block":
        if ((bytes[at]! & 1) !== 0) this.#next = this.#hasChecksum ? "checksum" : "frame";
        return true;
      case "checksum":
        this.#next = "frame";
        return true;
      case "skipped":
        this.#skip(this.#skipping - length);
        return false;
    }
  }

  #takeFrame(bytes: Uint8Array, at: number): boolean {
    if (isSkippable(le32(bytes, at))) {
      this.#skip(le32(bytes, at + 4));
      return false;
    }
    this.#hasChecksum = (bytes[at + 4]! & 4) !== 0;
    this.#next = "block";
    return true;
  }

  #skip(length: number): void {
    this.#skipping = length;
    this.#next = length > 0 ? "skipped" : "frame";
  }
}

/** Parses the length of a frame header (RFC 8878 section 3.1.1.1). */
function frameHeaderLength(bytes: Uint8Array, at: number, end: number): number {
  const there = end - at;
  if (there < 4) return 4;
  const magic = le32(bytes, at);
  if (isSkippable(magic)) return SKIPPABLE_HEADER;
  if (magic !== MAGIC_ZSTD) throw new PackedDamage("zstd", "no frame begins here");
  if (there < DESCRIPTOR_END) return DESCRIPTOR_END;
  const descriptor = bytes[at + 4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const window = isSingle ? 0 : 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const length = DESCRIPTOR_END + window + dictionary + content;
  if (there < length) return length;
  let id = 0;
  for (let i = 0; i < dictionary; i++) id |= bytes[at + DESCRIPTOR_END + window + i]!;
  if (id !== 0) {
    throw new PackedDamage("zstd", "it needs a dictionary, which nfscribe does not support");
  }
  const size = isSingle
    ? littleEndian(bytes, at + length - content, content)
    : windowSize(bytes[at + DESCRIPTOR_END]!);
  if (size > WINDOW_MAX) {
    throw new PackedDamage(
      "zstd",
      `its window takes ${Math.ceil(size / 1024 / 1024)} MiB, where 128 are the most; ` +
        "decompress it first with `zstd -d --long=31`",
    );
  }
  return length;
}

/** Parses the window size (RFC 8878 section 3.1.1.1.2). */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

/** Parses the length of a block (RFC 8878 section 3.1.1.2). */
function blockLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < BLOCK_HEADER) return BLOCK_HEADER;
  const header = littleEndian(bytes, at, BLOCK_HEADER);
  const type = header >> 1 & 3;
  const size = header >> 3;
  if (type === BLOCK_RESERVED || size > BLOCK_MAX) {
    throw new PackedDamage("zstd", `a block of type ${type} and ${size} bytes`);
  }
  return BLOCK_HEADER + (type === BLOCK_RLE ? 1 : size);
}

function le32(bytes: Uint8Array, at: number): number {
  return littleEndian(bytes, at, 4);
}

function littleEndian(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}
