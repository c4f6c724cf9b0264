/**
 * Finds out what kind of capture file it is. Pure.
 *
 * @module
 */

import { ClassicParser } from "./pcap.ts";
import { FILE_HEADER, readFileHeader } from "./file_header.ts";
import { BLOCK_SECTION, PcapngParser } from "./pcapng.ts";
import type { RecordParser } from "./record.ts";
import type { Window } from "./window.ts";

/**
 * The parser of a file's records.
 *
 * @param window Stands at the file's first byte, and goes behind its header.
 * @returns It; undefined where more of the file must come first.
 * @throws {Error} If nfscribe cannot read such a file; the message, for behind a
 * colon, says why and what to do.
 */
export function parserOf(window: Window): RecordParser | undefined {
  if (window.has(4) && window.view.getUint32(window.at) === BLOCK_SECTION) {
    return new PcapngParser();
  }
  if (!window.isLast && !window.has(FILE_HEADER)) return undefined;
  const head = window.bytes.subarray(window.at, Math.min(window.at + FILE_HEADER, window.filled));
  const header = readFileHeader(head);
  window.skip(FILE_HEADER);
  return new ClassicParser(header);
}
