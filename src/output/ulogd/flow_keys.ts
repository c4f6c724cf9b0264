/** Keys of a flow as ulogd 2.0.8's plugins NFCT and IP2STR set them, in their order. */

import {
  DESTROY,
  INFERRED,
  IPV4_SIZE,
  NEW,
  type RawFlow,
  type RawTuple,
} from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import { IPPROTO_ICMP } from "../../packet/protocols.ts";
import { Key } from "./key.ts";

/** A format: takes the keys of a flow in ulogd's order. */
export interface FlowKeyFormat {
  /** Takes an integer from 0 to 2^53 - 1. */
  number(key: Key, value: number): void;
  /** Takes a value that ulogd has as a pointer only. */
  pointer(key: Key): void;
  /** Takes an address as a number (`ULOGD_RET_IPADDR`). */
  binary(key: Key, bytes: Uint8Array, at: number, size: number): void;
  /** Takes an address as text. */
  text(key: Key, bytes: Uint8Array, at: number, size: number): void;
}

const [NFPROTO_IPV4, NFPROTO_IPV6] = [2, 10];

/** Keys of a direction. */
interface DirectionKeys {
  source: Key;
  destination: Key;
  protocol: Key;
  sourcePort: Key;
  destinationPort: Key;
  bytes: Key;
  packets: Key;
}

const keysOf = (direction: string): DirectionKeys => ({
  source: new Key(`${direction}.ip.saddr`),
  destination: new Key(`${direction}.ip.daddr`),
  protocol: new Key(`${direction}.ip.protocol`),
  sourcePort: new Key(`${direction}.l4.sport`),
  destinationPort: new Key(`${direction}.l4.dport`),
  bytes: new Key(`${direction}.raw.pktlen`),
  packets: new Key(`${direction}.raw.pktcount`),
});

const ORIGINAL = keysOf("orig");
const REPLY = keysOf("reply");
const ICMP_CODE = new Key("icmp.code");
const ICMP_TYPE = new Key("icmp.type");
const MARK = new Key("ct.mark");
const ID = new Key("ct.id");
const EVENT = new Key("ct.event");
const START_SECONDS = new Key("flow.start.sec");
const START_MICROSECONDS = new Key("flow.start.usec");
const END_SECONDS = new Key("flow.end.sec");
const END_MICROSECONDS = new Key("flow.end.usec");
const FAMILY = new Key("oob.family");
const PROTOCOL = new Key("oob.protocol");
const CONNECTION = new Key("ct");
const SOURCE = new Key("orig.ip.saddr.str", "src_ip");
const DESTINATION = new Key("orig.ip.daddr.str", "dest_ip");
const REPLY_SOURCE = new Key("reply.ip.saddr.str");
const REPLY_DESTINATION = new Key("reply.ip.daddr.str");

/** ulogd's numbers of events, by ours; a flow that goes on is one that was updated. */
const EVENT_NUMBERS = [1, 2, 4, 2, 4] as const;

/** Writes the keys of a flow in ulogd's order. */
export function writeFlowKeys(format: FlowKeyFormat, flow: RawFlow): void {
  const { bytes, original, reply, event } = flow;
  writeDirection(format, ORIGINAL, bytes, original);
  writeDirection(format, REPLY, bytes, reply);
  if (original.protocol === IPPROTO_ICMP) {
    writeNumber(format, ICMP_CODE, original.icmpCode);
    writeNumber(format, ICMP_TYPE, original.icmpType);
  }
  writeNumber(format, MARK, flow.mark);
  writeNumber(format, ID, flow.id);
  writeNumber(format, EVENT, EVENT_NUMBERS[event]!);
  writeTimes(format, flow);
  const family = original.addressSize === IPV4_SIZE ? NFPROTO_IPV4 : NFPROTO_IPV6;
  writeNumber(format, FAMILY, family);
  writeNumber(format, PROTOCOL, 0);
  format.pointer(CONNECTION);
  format.text(SOURCE, bytes, original.source, original.addressSize);
  format.text(DESTINATION, bytes, original.destination, original.addressSize);
  if (reply.addressSize === ABSENT) return;
  format.text(REPLY_SOURCE, bytes, reply.source, reply.addressSize);
  format.text(REPLY_DESTINATION, bytes, reply.destination, reply.addressSize);
}

function writeDirection(
  format: FlowKeyFormat,
  keys: DirectionKeys,
  bytes: Uint8Array,
  tuple: RawTuple,
): void {
  if (tuple.addressSize !== ABSENT) {
    format.binary(keys.source, bytes, tuple.source, tuple.addressSize);
    format.binary(keys.destination, bytes, tuple.destination, tuple.addressSize);
  }
  writeNumber(format, keys.protocol, tuple.protocol);
  if (tuple.sourcePort !== ABSENT) writeNumber(format, keys.sourcePort, tuple.sourcePort);
  if (tuple.destinationPort !== ABSENT) {
    writeNumber(format, keys.destinationPort, tuple.destinationPort);
  }
  writeNumber(format, keys.bytes, tuple.bytes);
  writeNumber(format, keys.packets, tuple.packets);
}

/** Writes the start of flows that are new or whose start is known, and the end of those that ended. */
function writeTimes(format: FlowKeyFormat, flow: RawFlow): void {
  const { event } = flow;
  const isStamped = flow.seconds !== ABSENT;
  const seconds = isStamped ? flow.seconds : flow.receivedSeconds;
  const nanoseconds = isStamped ? flow.nanoseconds : flow.receivedNanoseconds;
  if (flow.startSeconds !== ABSENT) {
    writeNumber(format, START_SECONDS, flow.startSeconds);
    writeNumber(format, START_MICROSECONDS, (flow.startNanoseconds / 1000) | 0);
  } else if (event === NEW) {
    writeNumber(format, START_SECONDS, seconds);
    writeNumber(format, START_MICROSECONDS, (nanoseconds / 1000) | 0);
  }
  if (event !== DESTROY && event !== INFERRED) return;
  const hasEnd = flow.endSeconds !== ABSENT;
  writeNumber(format, END_SECONDS, hasEnd ? flow.endSeconds : seconds);
  const end = hasEnd ? flow.endNanoseconds : nanoseconds;
  writeNumber(format, END_MICROSECONDS, (end / 1000) | 0);
}

/** Writes a number; like ulogd, as 0 where it is unknown. */
function writeNumber(format: FlowKeyFormat, key: Key, value: number): void {
  format.number(key, Math.max(0, value));
}
