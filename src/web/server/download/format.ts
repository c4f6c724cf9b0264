/** Formats of downloads. */

import type { Row } from "../../../output/table/reading.ts";

/** Format of a download; records are encoded one by one. */
export interface DownloadFormat {
  /** Media type. */
  type: string;
  /** End of the file's name. */
  extension: string;
  /** Returns the beginning of the file. */
  head(): Uint8Array;
  /** Encodes a record; empty where the format has no place for it. */
  record(row: Row, payload: Uint8Array | undefined): Uint8Array;
}
