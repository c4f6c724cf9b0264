/** Decompresses capture files as they are read. */

import type { ByteSource } from "./byte_source.ts";
import { GunzipSource } from "./gunzip.ts";
import type { Packer } from "./packed.ts";
import { UnzstdSource } from "./unzstd.ts";

/**
 * Decompresses a stream.
 *
 * @param packer Its compression.
 * @param source The compressed bytes, closed with the result.
 */
export async function unpack(packer: Packer, source: ByteSource): Promise<ByteSource> {
  return packer === "gzip" ? await GunzipSource.over(source) : await UnzstdSource.over(source);
}
