/**
 * Unpacks capture files as they are read.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { GunzipSource } from "./gunzip.ts";
import type { Packer } from "./packed.ts";
import { UnzstdSource } from "./unzstd.ts";

/**
 * Unpacks what comes from a source.
 *
 * @param packer What packed it.
 * @param source The packed bytes, closed with what is returned.
 */
export async function unpack(packer: Packer, source: ByteSource): Promise<ByteSource> {
  return packer === "gzip" ? await GunzipSource.over(source) : await UnzstdSource.over(source);
}
