/**
 * Writes a flow as a line of ulogd's PRINTFLOW plugin, byte for byte: type and code of ICMP are
 * swapped, as they are there, and counters that are unknown are 0.
 */

import { IPV4_SIZE, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import {
  IPPROTO_AH,
  IPPROTO_ESP,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from "../../packet/protocols.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import {
  CODE,
  DPT,
  DST,
  PROTO,
  PROTO_AH,
  PROTO_ESP,
  PROTO_ICMP,
  PROTO_TCP,
  PROTO_UDP,
  SPACE,
  SPT,
  SRC,
  TYPE,
} from "./words.ts";

/** Words by event. ulogd knows the first three; what goes on, and what is inferred, has words of its own. */
const EVENTS: readonly Uint8Array[] = ["NEW", "UPDATE", "DESTROY", "INTERIM", "INFERRED"]
  .map((word) => ascii(`[${word}] ORIG: `));
const REPLY = ascii(", REPLY: ");
const PKTS = ascii("PKTS=");
const BYTES = ascii(" BYTES=");

/** The most bytes of a line. */
export const FLOW_LINE_MAX = 512;

/** Writes a flow's line, without time, host and newline. */
export function writeFlowLine(line: LineWriter, flow: RawFlow): void {
  const { bytes, original, reply } = flow;
  line.text(EVENTS[flow.event]!);
  writeDirection(line, bytes, original, original);
  line.text(REPLY);
  writeDirection(line, bytes, reply, original);
}

/** Writes a direction; type and code of ICMP are those of the original one in both. */
function writeDirection(
  line: LineWriter,
  bytes: Uint8Array,
  tuple: RawTuple,
  { icmpType, icmpCode }: RawTuple,
): void {
  if (tuple.addressSize !== ABSENT) {
    line.text(SRC);
    writeAddress(line, bytes, tuple.source, tuple.addressSize);
    line.text(DST);
    writeAddress(line, bytes, tuple.destination, tuple.addressSize);
    line.text(SPACE);
  }
  switch (tuple.protocol) {
    case IPPROTO_TCP:
      line.text(PROTO_TCP);
      writePorts(line, tuple);
      break;
    case IPPROTO_UDP:
      line.text(PROTO_UDP);
      writePorts(line, tuple);
      break;
    case IPPROTO_ICMP:
      line.text(PROTO_ICMP);
      line.text(TYPE);
      line.decimal(Math.max(0, icmpCode));
      line.number(CODE, Math.max(0, icmpType));
      break;
    case IPPROTO_ESP:
      line.text(PROTO_ESP);
      break;
    case IPPROTO_AH:
      line.text(PROTO_AH);
      break;
    case ABSENT:
      break;
    default:
      line.number(PROTO, tuple.protocol);
  }
  line.text(PKTS);
  line.decimal(Math.max(0, tuple.packets));
  line.number(BYTES, Math.max(0, tuple.bytes));
}

function writePorts(line: LineWriter, { sourcePort, destinationPort }: RawTuple): void {
  line.text(SPT);
  line.decimal(Math.max(0, sourcePort));
  line.number(DPT, Math.max(0, destinationPort));
}

function writeAddress(line: LineWriter, bytes: Uint8Array, at: number, size: number): void {
  if (size === IPV4_SIZE) line.ipv4(bytes, at);
  else line.ipv6(bytes, at);
}
