/** Compression of messages' bodies. */

import { constants, gzipSync, zstdCompressSync } from "node:zlib";

/** Compression of bodies: none, or that of the header that names it. */
export type Compression = "none" | "gzip" | "zstd";

/** Fast ones: of records that resemble each other, slower ones take little more off. */
const GZIP_LEVEL = 1;
const ZSTD_LEVEL = 1;

/**
 * Compresses a body.
 *
 * @returns The bytes, and the compression that they have: none where it takes nothing off. Only
 *   without compression they are the body's own.
 */
export function compress(
  body: Uint8Array,
  compression: Compression,
): { body: Uint8Array; encoding: "gzip" | "zstd" | undefined } {
  if (compression === "none" || body.length === 0) return { body, encoding: undefined };
  const compressed = compression === "gzip"
    ? gzipSync(body, { level: GZIP_LEVEL })
    : zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  return compressed.length < body.length
    ? { body: compressed, encoding: compression }
    : { body: body.slice(), encoding: undefined };
}
