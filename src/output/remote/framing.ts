/** Forms in which records are sent: over a connection, and as datagrams. */

import { concat } from "../../bytes/write.ts";
import { endOfRecord } from "./split.ts";

/** Framing of records over connections, one after the other. */
export interface Framing {
  /** Begins a connection. */
  begin?(): void;
  /** Returns the bytes that are sent for whole records. */
  frame(bytes: Uint8Array): Uint8Array;
}

/** Division of records into datagrams, over sockets, one after the other. */
export interface Datagrams {
  /** Begins to send over a socket. */
  begin?(): void;
  /** Yields the datagrams of whole records; each is sent before the next one is asked for. */
  split(bytes: Uint8Array): Iterable<Uint8Array>;
  /** Returns the records of a datagram that is too long, as text; a text by default. */
  recordsOf?(datagram: Uint8Array): string[];
}

/** Sends records as they are: lines. */
export const LINES: Framing = { frame: (bytes) => bytes };

/**
 * Precedes each record by its length (RFC 6587 section 3.4.1), in place of the newline at its end.
 */
export const OCTET_COUNTING: Framing = {
  frame(bytes) {
    const encoder = new TextEncoder();
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = endOfRecord(bytes, at);
      const record = bytes.subarray(at, end - 1);
      parts.push(encoder.encode(`${record.length} `), record);
      at = end;
    }
    return concat(parts);
  },
};

/**
 * Returns the division of text into a datagram a record, without the newline at its end.
 *
 * @param endOf Returns the end of the record that begins at an offset; a line by default.
 */
export function datagramPerRecord(
  endOf: (bytes: Uint8Array, from: number) => number = endOfRecord,
): Datagrams {
  return {
    *split(bytes) {
      for (let at = 0; at < bytes.length;) {
        const end = endOf(bytes, at);
        yield bytes.subarray(at, end - 1);
        at = end;
      }
    },
  };
}
