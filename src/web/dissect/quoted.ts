/** Packets that ICMP errors quote. */

import { Extent, Layer } from "./layer.ts";

/**
 * Reads the rest of an error: further fields of its header, and the packet that it quotes.
 *
 * @param length Length of the quoted packet in bytes, before what follows it (RFC 4884); 0 where
 *   it takes the rest of the message.
 * @param further Reads fields before it.
 */
export type Quoted = (message: Layer, length: number, further?: () => void) => void;

/**
 * Returns a reader of quoted packets.
 *
 * @param read Reads a packet from its network header on.
 */
export function quotedBy(read: (into: Layer) => void): Quoted {
  return (message, length, further) => {
    further?.();
    const { at, left, extent } = message;
    const size = length === 0 ? left : Math.min(length, left);
    if (size === 0) return;
    const { room } = extent;
    if (room.depth === 0) return message.rest();
    room.depth--;
    message.part("quoted packet", size, (part) => {
      const quote = new Layer(new Extent(extent.bytes, at + size, extent), at, Infinity);
      read(quote);
      finish(quote);
      part.fields.push(...quote.fields);
      part.at = at + size;
      return quote.fields[0]?.value ?? "";
    });
    room.depth++;
    message.rest("extensions");
  };
}

/** Adds what is left of a packet: bytes after its end, or a note that bytes are missing. */
export function finish(into: Layer): void {
  const { extent, limit } = into;
  if (into.at < extent.end) {
    const isTrailer = !into.isOver && into.at >= limit;
    const length = extent.end - into.at;
    const value = isTrailer ? "bytes after the end of the packet" : "bytes that are not decoded";
    into.fields.push({ name: isTrailer ? "trailer" : "data", value, offset: into.at, length });
    into.at = extent.end;
  } else if (Number.isFinite(limit) && limit > extent.end && !extent.isTorn) {
    const value = `${limit - extent.end} bytes more are not ${extent.cut}`;
    into.fields.push({ name: "truncated", value, offset: extent.end, length: 0 });
  }
}
