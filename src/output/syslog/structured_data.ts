/** Structured data of messages (RFC 5424 section 6.3): the record's pairs as one element. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { findLayers } from "../../packet/find_layers.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import { FlowPairs } from "../pairs/flow_pairs.ts";
import { PacketPairs } from "../pairs/packet_pairs.ts";
import type { PairForm } from "../pairs/pairs.ts";

/** Beginning of the element; 32473 is the number for examples (RFC 5612). */
const BEGIN = ascii("[nfscribe@32473");
const END = ascii("] ");
const NIL = ascii("- ");

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5d;

/** Writes a record's structured data. There must be room, or `line.at` is past the end afterwards. */
export type StructuredData<Raw> = (line: LineWriter, raw: Raw) => void;

const FORM: PairForm = { before: (name) => ` ${name}="`, behind: '"', escape: escapeValue };

/**
 * Returns a writer of packets' structured data.
 *
 * @param session Identifier of the run; undefined to write no element.
 */
export function packetData(session: string | undefined): StructuredData<RawPacket> {
  if (session === undefined) return writeNil;
  const pairs = new PacketPairs(FORM, session);
  return (line, packet) => {
    line.text(BEGIN);
    pairs.write(line, packet, findLayers(packet));
    line.text(END);
  };
}

/**
 * Returns a writer of flows' structured data.
 *
 * @param session Identifier of the run; undefined to write no element.
 */
export function flowData(session: string | undefined): StructuredData<RawFlow> {
  if (session === undefined) return writeNil;
  const pairs = new FlowPairs(FORM, session);
  return (line, flow) => {
    line.text(BEGIN);
    pairs.write(line, flow);
    line.text(END);
  };
}

/** Writes NILVALUE. */
export function writeNil(line: LineWriter): void {
  line.text(NIL);
}

/** Writes a backslash before each `"`, `\` and `]` of a value (RFC 5424 section 6.3.3). */
function escapeValue(line: LineWriter, from: number): void {
  const { out } = line;
  let extra = 0;
  for (let at = from; at < line.at; at++) if (isSpecial(out[at]!)) extra++;
  if (extra === 0) return;
  let to = line.at + extra;
  for (let at = line.at - 1; at >= from; at--) {
    const byte = out[at]!;
    out[--to] = byte;
    if (isSpecial(byte)) out[--to] = BACKSLASH;
  }
  line.at += extra;
}

function isSpecial(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === BRACKET;
}
