/** Formats of downloads. */

import type { Row } from "../../../output/table/reading.ts";

/** Format of a download; records are encoded one by one. */
export interface DownloadFormat {
  /** Media type. */
  type: string;
  /** End of the file's name. */
  extension: string;
  /** Whether it is of packets' bytes, which a store may not have. */
  takesBytes?: true;
  /** Returns the beginning of the file. */
  head(): Uint8Array;
  /** Encodes a record; empty where the format has no place for it. */
  record(row: Row, payload: Uint8Array | undefined): Uint8Array;
  /** Returns the end of the file; absent for none. */
  end?(): Uint8Array;
}
