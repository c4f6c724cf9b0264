/**
 * Encodes a flow as an element `flow`, in a line of its own, byte for byte as ulogd's plugin XML
 * prints it with libnetfilter_conntrack 1.0.9.
 */

import { IPS_ASSURED, IPS_SEEN_REPLY } from "../../flow/names.ts";
import { IPV4_SIZE, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import {
  IPPROTO_DCCP,
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from "../../packet/protocols.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ascii, LineWriter, Word } from "../../text/line.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { markup, MARKUP_MAX } from "./markup.ts";
import { whenText } from "./when.ts";

/** The most bytes of an element besides the helper's name and the security context. */
const ELEMENT_MAX = 2048;

/** Returns the words around the text of an element. */
const element = (name: string): readonly [Word, Word] => [
  new Word(`<${name}>`),
  new Word(`</${name}>`),
];

const FLOW = element("flow");
const ORIGINAL = new Word('<meta direction="original">');
const REPLY = new Word('<meta direction="reply">');
const INDEPENDENT = new Word('<meta direction="independent">');
const META_END = new Word("</meta>");
const IPV4 = new Word('<layer3 protonum="2" protoname="ipv4">');
const IPV6 = new Word('<layer3 protonum="10" protoname="ipv6">');
const LAYER3_END = new Word("</layer3>");
const LAYER4_END = new Word("</layer4>");
const [SOURCE, DESTINATION] = [element("src"), element("dst")];
const [SOURCE_PORT, DESTINATION_PORT] = [element("sport"), element("dport")];
const [SOURCE_KEY, DESTINATION_KEY] = [element("srckey"), element("dstkey")];
const COUNTERS = element("counters");
const [PACKETS, BYTES] = [element("packets"), element("bytes")];
const STATE = element("state");
const TIMEOUT = element("timeout");
const MARK = element("mark");
const CONTEXT = element("secctx");
const ZONE = element("zone");
const ID = element("id");
const DURATION = element("deltatime");
const HELPER = element("helper");
const ASSURED = new Word("<assured/>");
const UNREPLIED = new Word("<unreplied/>");
const HEX = ascii("0x");
const NEWLINE = 0x0a;

const NAMES: Readonly<Record<number, string>> = {
  [IPPROTO_TCP]: "tcp",
  [IPPROTO_UDP]: "udp",
  [IPPROTO_UDPLITE]: "udplite",
  [IPPROTO_ICMP]: "icmp",
  [IPPROTO_ICMPV6]: "icmpv6",
  [IPPROTO_SCTP]: "sctp",
  [IPPROTO_GRE]: "gre",
  [IPPROTO_DCCP]: "dccp",
};
const LAYER4 = Array.from(
  { length: 256 },
  (_, n) => new Word(`<layer4 protonum="${n}" protoname="${NAMES[n] ?? "unknown"}">`),
);
/** The library has these names of TCP's states for SCTP and DCCP, too. */
const STATES =
  "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2"
    .split(" ").map((name) => new Word(name));

/** Encodes flows. */
export class XmlFlowEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
  readonly #when = new SecondText(whenText);

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    const { bytes, original, reply, helperLength, secctxLength } = flow;
    const most = ELEMENT_MAX + MARKUP_MAX * (Math.max(0, helperLength) + Math.max(0, secctxLength));
    if (at + most > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.word(FLOW[0]);
    const areCounted = original.packets !== ABSENT && original.bytes !== ABSENT;
    writeDirection(line, ORIGINAL, bytes, original, areCounted);
    if (reply.addressSize !== ABSENT) writeDirection(line, REPLY, bytes, reply, areCounted);
    writeIndependent(line, flow);
    // ulogd takes the time at which it prints.
    line.text(this.#when.at(flow.receivedSeconds));
    if (helperLength !== ABSENT) writeText(line, HELPER, bytes, flow.helperOffset, helperLength);
    line.word(FLOW[1]);
    out[line.at++] = NEWLINE;
    return line.at - at;
  }
}

function writeDirection(
  line: LineWriter,
  start: Word,
  bytes: Uint8Array,
  tuple: RawTuple,
  areCounted: boolean,
): void {
  const { protocol, sourcePort, destinationPort } = tuple;
  line.word(start);
  line.word(tuple.addressSize === IPV4_SIZE ? IPV4 : IPV6);
  writeAddress(line, SOURCE, bytes, tuple.source, tuple.addressSize);
  writeAddress(line, DESTINATION, bytes, tuple.destination, tuple.addressSize);
  line.word(LAYER3_END);
  line.word(LAYER4[Math.max(0, protocol)]!);
  switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
    case IPPROTO_SCTP:
    case IPPROTO_DCCP:
      writeNumber(line, SOURCE_PORT, Math.max(0, sourcePort));
      writeNumber(line, DESTINATION_PORT, Math.max(0, destinationPort));
      break;
    case IPPROTO_GRE:
      writeKey(line, SOURCE_KEY, Math.max(0, sourcePort));
      writeKey(line, DESTINATION_KEY, Math.max(0, destinationPort));
  }
  line.word(LAYER4_END);
  writeNumber(line, ZONE, tuple.zone);
  if (areCounted) {
    line.word(COUNTERS[0]);
    writeNumber(line, PACKETS, Math.max(0, tuple.packets));
    writeNumber(line, BYTES, Math.max(0, tuple.bytes));
    line.word(COUNTERS[1]);
  }
  line.word(META_END);
}

/** Writes what is not of one direction. */
function writeIndependent(line: LineWriter, flow: RawFlow): void {
  const { bytes, status, state, timeout, mark, zone, id, startSeconds, endSeconds } = flow;
  // Each is negative where it is absent.
  const isThere = Math.max(status, state, timeout, mark, zone, id, startSeconds, endSeconds) >= 0;
  if (isThere) line.word(INDEPENDENT);
  if (state !== ABSENT) {
    line.word(STATE[0]);
    line.word(STATES[state] ?? STATES[0]!);
    line.word(STATE[1]);
  }
  writeNumber(line, TIMEOUT, timeout);
  writeNumber(line, MARK, mark);
  if (flow.secctxLength !== ABSENT) {
    writeText(line, CONTEXT, bytes, flow.secctxOffset, flow.secctxLength);
  }
  writeNumber(line, ZONE, zone);
  writeNumber(line, ID, id);
  if (status !== ABSENT && (status & IPS_ASSURED) !== 0) line.word(ASSURED);
  if (status !== ABSENT && (status & IPS_SEEN_REPLY) === 0) line.word(UNREPLIED);
  if (startSeconds !== ABSENT) writeNumber(line, DURATION, durationOf(flow));
  if (isThere) line.word(META_END);
}

/** Returns whole seconds from the start to the end, or until now. */
function durationOf(flow: RawFlow): number {
  const { startSeconds, endSeconds } = flow;
  if (endSeconds === ABSENT) return Math.max(0, flow.receivedSeconds - startSeconds);
  const isEarlier = flow.endNanoseconds < flow.startNanoseconds;
  return Math.max(0, endSeconds - startSeconds - (isEarlier ? 1 : 0));
}

function writeNumber(line: LineWriter, [start, end]: readonly [Word, Word], value: number): void {
  if (value === ABSENT) return;
  line.word(start);
  line.decimal(value);
  line.word(end);
}

function writeKey(line: LineWriter, [start, end]: readonly [Word, Word], value: number): void {
  line.word(start);
  line.text(HEX);
  line.hex(value);
  line.word(end);
}

function writeAddress(
  line: LineWriter,
  [start, end]: readonly [Word, Word],
  bytes: Uint8Array,
  at: number,
  size: number,
): void {
  line.word(start);
  if (size === IPV4_SIZE) line.ipv4(bytes, at);
  else line.ipv6(bytes, at);
  line.word(end);
}

function writeText(
  line: LineWriter,
  [start, end]: readonly [Word, Word],
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  line.word(start);
  markup(line, bytes, at, length);
  line.word(end);
}
