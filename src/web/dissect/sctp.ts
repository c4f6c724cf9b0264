/** SCTP and its chunks (RFC 9260 section 3). */

import { SCTP_CHUNKS } from "../../packet/describe_transport.ts";
import { IPPROTO_SCTP } from "../../packet/protocols.ts";
import type { Layer } from "./layer.ts";
import { hex, named } from "./values.ts";
import { ports } from "./udp.ts";

/** Size of a chunk before its value in bytes. */
const CHUNK_HEADER = 4;
const chunkType = named(SCTP_CHUNKS);

/** Reads a packet. */
export function sctp(into: Layer): void {
  into.part("SCTP", Infinity, (header) => {
    const ends = ports(header, IPPROTO_SCTP);
    header.number("verificationTag", 4, hex(8));
    header.number("checksum", 4, hex(8));
    return ends;
  });
  while (into.left > 0) chunk(into);
}

function chunk(into: Layer): void {
  const [type, length] = [into.peek(0, 1), into.peek(2, 2)];
  if (into.left >= CHUNK_HEADER && length < CHUNK_HEADER) {
    into.malformed(`a chunk has a length of ${length}`);
    return;
  }
  into.part("chunk", Math.max(length, CHUNK_HEADER), (chunk) => {
    chunk.number("type", 1, chunkType);
    chunk.number("flags", 1, hex(2));
    chunk.number("length", 2);
    const name = SCTP_CHUNKS[type];
    readValue(chunk, name);
    return name ?? `type ${type}`;
  });
  // Padding is not part of the length.
  into.data("padding", Math.min(into.left, -length & 3));
}

function readValue(chunk: Layer, name: string | undefined): void {
  switch (name) {
    case "DATA":
      chunk.number("tsn", 4);
      chunk.number("streamId", 2);
      chunk.number("streamSequenceNumber", 2);
      chunk.number("payloadProtocol", 4);
      return;
    case "INIT":
    case "INIT-ACK":
      chunk.number("initiateTag", 4, hex(8));
      chunk.number("receiverWindow", 4);
      chunk.number("outboundStreams", 2);
      chunk.number("inboundStreams", 2);
      chunk.number("initialTsn", 4);
      return chunk.rest("parameters");
    case "SACK": {
      chunk.number("cumulativeTsn", 4);
      chunk.number("receiverWindow", 4);
      const gaps = chunk.number("gapBlocks", 2);
      const duplicates = chunk.number("duplicateTsns", 2);
      for (let n = 0; n < gaps && chunk.left > 0; n++) {
        chunk.number("gapStart", 2);
        chunk.number("gapEnd", 2);
      }
      for (let n = 0; n < duplicates && chunk.left > 0; n++) chunk.number("duplicateTsn", 4);
      return;
    }
    case "SHUTDOWN":
      chunk.number("cumulativeTsn", 4);
      return;
    case "ABORT":
    case "ERROR":
      return chunk.rest("causes");
    case "COOKIE-ECHO":
      return chunk.rest("cookie");
  }
}
