/** Detects the format of a capture file. Pure. */

import { ClassicParser } from "./pcap.ts";
import { FILE_HEADER, readFileHeader } from "./file_header.ts";
import { BLOCK_SECTION, PcapngParser } from "./pcapng.ts";
import type { RecordParser } from "./record.ts";
import type { Window } from "./window.ts";

/**
 * Selects the parser of a file's records.
 *
 * @param window Window at the file's first byte; advanced past its header.
 * @returns The parser; undefined if more of the file must come first.
 * @throws {Error} If nfscribe does not support such a file; the message fits after a colon, and
 *   says why and what to do.
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
