/**
 * Frames of zstd (RFC 8878 section 3) taken apart into parts of which each unpacks to
 * 128 KiB at the most: a frame's header, its blocks, its checksum. Pure.
 *
 * @module
 */

import { isSkippable, MAGIC_ZSTD, PackedDamage } from "./packed.ts";

/** The most bytes of a block, packed or unpacked (`ZSTD_BLOCKSIZE_MAX`). */
export const BLOCK_MAX = 128 * 1024;
/** The largest window that is unpacked, as zstd has it unless told other (`ZSTD_WINDOWLOG_LIMIT_DEFAULT`). */
const WINDOW_MAX = 128 * 1024 * 1024;

/** Bytes of a frame's magic number and descriptor; of a skippable frame's header; of others. */
const DESCRIPTOR_END = 5;
const SKIPPABLE_HEADER = 8;
const BLOCK_HEADER = 3;
const CHECKSUM = 4;

/** Types of blocks; the third one is compressed. */
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/** What comes next. */
type Next = "frame" | "block" | "checksum" | "skipped";

/** Follows the frames of a file. */
export class ZstdFrames {
  #next: Next = "frame";
  /** Whether a checksum ends the frame. */
  #hasChecksum = false;
  /** Bytes that are still to be passed over. */
  #skipping = 0;

  /** Whether a file may end here. */
  get mayEnd(): boolean {
    return this.#next === "frame";
  }

  /**
   * Bytes of the next part, as far as its beginning tells.
   *
   * @param bytes The memory.
   * @param at Where the part begins.
   * @param end Where what is there ends.
   * @returns The length of the whole part if so many bytes are there; else more than are
   * there: when they have come, this is to be asked again.
   * @throws {PackedDamage} If no zstd wrote that, or nfscribe cannot unpack it.
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
   * Goes behind a part that is whole.
   *
   * @returns Whether it is to be unpacked; other parts hold no data.
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

/** RFC 8878 section 3.1.1.1 */
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
  if (id !== 0) throw new PackedDamage("zstd", "it takes a dictionary, which nfscribe has not");
  const size = isSingle
    ? littleEndian(bytes, at + length - content, content)
    : windowSize(bytes[at + DESCRIPTOR_END]!);
  if (size > WINDOW_MAX) {
    throw new PackedDamage(
      "zstd",
      `its window takes ${Math.ceil(size / 1024 / 1024)} MiB, where 128 are the most; ` +
        "unpack it first with `zstd -d --long=31`",
    );
  }
  return length;
}

/** RFC 8878 section 3.1.1.1.2 */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + base / 8 * (descriptor & 7);
}

/** RFC 8878 section 3.1.1.2 */
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
