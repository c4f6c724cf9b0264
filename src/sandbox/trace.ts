/**
 * Decisions about packets, as records in an output area of their own.
 *
 * A record: its length, a bit for each output, the length of the packet's text
 * (32 bits each, little-endian); the packet in a line, and how the filter failed.
 *
 * @module
 */

const HEADER = 12;
/** Bytes of each text that are kept. */
const TEXT_MAX = 4096;
/** Bytes of the longest record. */
export const TRACE_MAX: number = HEADER + 2 * TEXT_MAX;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A record of what was decided. */
export interface Trace {
  /** A bit for each output that the packet goes to. */
  mask: number;
  /** The packet in a line. */
  packet: string;
  /** How the filter failed on it; empty where it did not. */
  error: string;
}

/**
 * Writes a record.
 *
 * @param out Has room for {@linkcode TRACE_MAX} bytes from `at` on.
 * @returns How many bytes were written.
 */
export function writeTrace({ mask, packet, error }: Trace, out: Uint8Array, at: number): number {
  const first = at + HEADER;
  const packetSize = encoder.encodeInto(packet, out.subarray(first, first + TEXT_MAX)).written;
  const second = first + packetSize;
  const errorSize = encoder.encodeInto(error, out.subarray(second, second + TEXT_MAX)).written;
  const length = HEADER + packetSize + errorSize;
  const view = new DataView(out.buffer, out.byteOffset + at, HEADER);
  view.setUint32(0, length, true);
  view.setUint32(4, mask, true);
  view.setUint32(8, packetSize, true);
  return length;
}

/**
 * Reads records.
 *
 * @param bytes Any bytes.
 * @returns The records up to the first that cannot be one.
 */
export function readTraces(bytes: Uint8Array): Trace[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const traces: Trace[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = view.getUint32(at, true);
    const mask = view.getUint32(at + 4, true);
    const packetEnd = at + HEADER + view.getUint32(at + 8, true);
    const end = at + length;
    if (length < HEADER || end > bytes.length || packetEnd > end) break;
    traces.push({
      mask,
      packet: decoder.decode(bytes.slice(at + HEADER, packetEnd)),
      error: decoder.decode(bytes.slice(packetEnd, end)),
    });
    at = end;
  }
  return traces;
}
