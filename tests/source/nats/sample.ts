/**
 * Messages for tests.
 *
 * @module
 */

import { DATAGRAM_MAX } from "../../../src/source/source.ts";
import { NDJSON, PCAPNG } from "../../../src/nats/format/headers.ts";
import type { MessageHead } from "../../../src/nats/format/message.ts";
import { encoders } from "../../../src/output/encoders.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import type { RawRecord, RecordKind } from "../../../src/record/kind.ts";
import type { Encoder } from "../../../src/record/encoder.ts";
import { openBody } from "../../../src/source/nats/body.ts";

export const SESSION = "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11";

/** Returns the head of a message. */
export function headOf(fields: Partial<MessageHead> = {}): MessageHead {
  return {
    ...{ host: "fw-a", capture: "nflog:1", session: SESSION },
    ...{ from: 48, to: 1072, part: 0, parts: 1, records: 1, first: 0, lost: 0 },
    ...{ interfaces: new Map(), encoding: undefined, contentType: PCAPNG },
    ...fields,
  };
}

/** Encodes records as a message's body has them. */
export function bodyOf(kind: RecordKind, records: readonly RawRecord[]): Uint8Array<ArrayBuffer> {
  const encoder = encoderOf(kind);
  const out = new Uint8Array(16 * 1024 * 1024);
  let at = 0;
  for (const record of records) at += encoder.encode(record, out, at);
  return out.slice(0, at);
}

/** Cuts a message into chunks. */
export function chunksOf(
  head: MessageHead,
  body: Uint8Array<ArrayBuffer>,
  kind: RecordKind = "packet",
): Uint8Array<ArrayBuffer>[] {
  const opened = openBody(head, body, kind);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  do {
    const out = new Uint8Array(DATAGRAM_MAX);
    chunks.push(out.slice(0, opened.next(out)));
  } while (!opened.isLast);
  return chunks;
}

/** Returns the chunk of a message with one packet. */
export function chunkOf(packet: RawPacket): Uint8Array<ArrayBuffer> {
  return chunksOf(headOf(), bodyOf("packet", [packet]))[0]!;
}

function encoderOf(kind: RecordKind): Encoder<RawRecord> {
  const lines = { format: "nfscribe", payload: false, hostname: "", session: SESSION };
  const make = kind === "packet" ? encoders.pcap!.packet : encoders.json![kind];
  const options = kind === "packet"
    ? { format: "pcapng", linkType: "nflog" }
    : { ...lines, flavor: "ndjson" };
  return make!(options as never) as unknown as Encoder<RawRecord>;
}

/** Type of the body of each kind. */
export const typeOf = (kind: RecordKind) => kind === "packet" ? PCAPNG : NDJSON;
