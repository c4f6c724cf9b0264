/**
 * Decodes the attributes of a flow of connection tracking. Pure, and written by hand for speed:
 * every event passes here, nothing is allocated.
 */

import { readCount } from "../../bytes/count.ts";
import { type Memory, readBe16, readBe32, textLength } from "../../bytes/memory.ts";
import { IPV4_SIZE, IPV6_SIZE, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import { IPPROTO_GRE } from "../../packet/protocols.ts";
import { AttributeCursor } from "../attribute_cursor.ts";
import * as c from "./constants.ts";

/** Labels have 128 bits (`NF_CT_LABELS_MAX_SIZE`, linux/netfilter/xt_connlabel.h); more are left out. */
const LABELS_MAX = 16;

/** Positions, by depth: attributes of a flow, of its parts, and of theirs. */
const ofFlow = new AttributeCursor();
const ofPart = new AttributeCursor();
const ofInner = new AttributeCursor();

/**
 * Decodes attributes into a flow and skips unknown ones.
 *
 * @param flow Filled in; fields without an attribute stay as they are.
 * @param memory Memory with the attributes.
 * @param start Offset of the first attribute, a multiple of 4.
 * @param end Offset after the last attribute.
 * @returns Whether they are valid, and name addresses and protocol of the original direction.
 */
export function decodeFlow(flow: RawFlow, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofFlow.begin(memory, start, end);
  while (attribute.next()) {
    const { value, length } = attribute;
    const next = value + length;
    const isWord = length >= 4;
    switch (attribute.type) {
      case c.CTA_TUPLE_ORIG:
        if (!decodeTuple(flow.original, memory, value, next)) return false;
        break;
      case c.CTA_TUPLE_REPLY:
        if (!decodeTuple(flow.reply, memory, value, next)) return false;
        break;
      case c.CTA_TUPLE_MASTER:
        if (!decodeTuple(flow.master, memory, value, next)) return false;
        break;
      case c.CTA_STATUS:
        if (!isWord) return false;
        flow.status = readBe32(bytes, value);
        break;
      case c.CTA_TIMEOUT:
        if (!isWord) return false;
        flow.timeout = readBe32(bytes, value);
        break;
      case c.CTA_MARK:
        if (!isWord) return false;
        flow.mark = readBe32(bytes, value);
        break;
      case c.CTA_ID:
        if (!isWord) return false;
        flow.id = readBe32(bytes, value);
        break;
      case c.CTA_ZONE:
        if (length < 2) return false;
        flow.zone = readBe16(bytes, value);
        break;
      case c.CTA_COUNTERS_ORIG:
        if (!decodeCounters(flow.original, memory, value, next)) return false;
        break;
      case c.CTA_COUNTERS_REPLY:
        if (!decodeCounters(flow.reply, memory, value, next)) return false;
        break;
      case c.CTA_TIMESTAMP:
        if (!decodeTimes(flow, memory, value, next)) return false;
        break;
      case c.CTA_TIMESTAMP_EVENT:
        if (length < 8) return false;
        time.read(bytes, value);
        flow.seconds = time.seconds;
        flow.nanoseconds = time.nanoseconds;
        break;
      case c.CTA_PROTOINFO:
        if (!decodeState(flow, memory, value, next)) return false;
        break;
      case c.CTA_HELP:
        flow.helperOffset = find(memory, value, next, c.CTA_HELP_NAME);
        if (flow.helperOffset === INVALID) return false;
        flow.helperLength = foundTextLength(bytes, flow.helperOffset);
        break;
      case c.CTA_SECCTX:
        flow.secctxOffset = find(memory, value, next, c.CTA_SECCTX_NAME);
        if (flow.secctxOffset === INVALID) return false;
        flow.secctxLength = foundTextLength(bytes, flow.secctxOffset);
        break;
      case c.CTA_LABELS:
        flow.labelsOffset = value;
        flow.labelsLength = Math.min(length, LABELS_MAX);
        break;
    }
  }
  if (attribute.isDamaged) return false;
  const { addressSize, protocol } = flow.original;
  return addressSize !== ABSENT && protocol !== ABSENT;
}

/** Decodes `CTA_TUPLE_…`. */
function decodeTuple(tuple: RawTuple, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofPart.begin(memory, start, end);
  while (attribute.next()) {
    const { value, length } = attribute;
    switch (attribute.type) {
      case c.CTA_TUPLE_IP:
        if (!decodeAddresses(tuple, memory, value, value + length)) return false;
        break;
      case c.CTA_TUPLE_PROTO:
        if (!decodeProtocol(tuple, memory, value, value + length)) return false;
        break;
      case c.CTA_TUPLE_ZONE:
        if (length < 2) return false;
        tuple.zone = readBe16(bytes, value);
        break;
    }
  }
  return !attribute.isDamaged;
}

/** Decodes `CTA_TUPLE_IP`; both addresses must be of one family. */
function decodeAddresses(tuple: RawTuple, memory: Memory, start: number, end: number): boolean {
  let sourceSize = ABSENT;
  let destinationSize = ABSENT;
  const attribute = ofInner.begin(memory, start, end);
  while (attribute.next()) {
    const { type, value, length } = attribute;
    if (type >= c.CTA_IP_V4_SRC && type <= c.CTA_IP_V6_DST) {
      const size = type <= c.CTA_IP_V4_DST ? IPV4_SIZE : IPV6_SIZE;
      if (length < size) return false;
      if (type === c.CTA_IP_V4_SRC || type === c.CTA_IP_V6_SRC) {
        tuple.source = value;
        sourceSize = size;
      } else {
        tuple.destination = value;
        destinationSize = size;
      }
    }
  }
  if (attribute.isDamaged || sourceSize !== destinationSize) return false;
  tuple.addressSize = sourceSize;
  return true;
}

/** Decodes `CTA_TUPLE_PROTO`. */
function decodeProtocol(tuple: RawTuple, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofInner.begin(memory, start, end);
  while (attribute.next()) {
    const { value, length } = attribute;
    switch (attribute.type) {
      case c.CTA_PROTO_NUM:
        if (length < 1) return false;
        tuple.protocol = bytes[value]!;
        break;
      case c.CTA_PROTO_SRC_PORT:
        if (length < 2) return false;
        tuple.sourcePort = readBe16(bytes, value);
        break;
      case c.CTA_PROTO_DST_PORT:
        if (length < 2) return false;
        tuple.destinationPort = readBe16(bytes, value);
        break;
      case c.CTA_PROTO_ICMP_ID:
      case c.CTA_PROTO_ICMPV6_ID:
        if (length < 2) return false;
        tuple.icmpId = readBe16(bytes, value);
        break;
      case c.CTA_PROTO_ICMP_TYPE:
      case c.CTA_PROTO_ICMPV6_TYPE:
        if (length < 1) return false;
        tuple.icmpType = bytes[value]!;
        break;
      case c.CTA_PROTO_ICMP_CODE:
      case c.CTA_PROTO_ICMPV6_CODE:
        if (length < 1) return false;
        tuple.icmpCode = bytes[value]!;
        break;
    }
  }
  // The keys of GRE come as ports.
  if (tuple.protocol === IPPROTO_GRE) tuple.sourcePort = tuple.destinationPort = ABSENT;
  return !attribute.isDamaged;
}

/** Decodes `CTA_COUNTERS_…`. */
function decodeCounters(tuple: RawTuple, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofPart.begin(memory, start, end);
  while (attribute.next()) {
    const { type, value, length } = attribute;
    if (type === c.CTA_COUNTERS_PACKETS || type === c.CTA_COUNTERS_BYTES) {
      if (length < 8) return false;
      const count = readCount(bytes, value);
      if (type === c.CTA_COUNTERS_PACKETS) tuple.packets = count;
      else tuple.bytes = count;
    }
  }
  return !attribute.isDamaged;
}

/** Decodes `CTA_TIMESTAMP`. */
function decodeTimes(flow: RawFlow, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofPart.begin(memory, start, end);
  while (attribute.next()) {
    const { type, value, length } = attribute;
    if (type === c.CTA_TIMESTAMP_START || type === c.CTA_TIMESTAMP_STOP) {
      if (length < 8) return false;
      time.read(bytes, value);
      if (type === c.CTA_TIMESTAMP_START) {
        flow.startSeconds = time.seconds;
        flow.startNanoseconds = time.nanoseconds;
      } else {
        flow.endSeconds = time.seconds;
        flow.endNanoseconds = time.nanoseconds;
      }
    }
  }
  return !attribute.isDamaged;
}

/** Decodes the state in `CTA_PROTOINFO`. */
function decodeState(flow: RawFlow, memory: Memory, start: number, end: number): boolean {
  const { bytes } = memory;
  const attribute = ofPart.begin(memory, start, end);
  while (attribute.next()) {
    const { type, value, length } = attribute;
    if (type >= c.CTA_PROTOINFO_TCP && type <= c.CTA_PROTOINFO_SCTP) {
      const place = find(memory, value, value + length, c.CTA_PROTOINFO_STATE);
      if (place === INVALID) return false;
      if (found.length > 0) flow.state = bytes[place]!;
    }
  }
  return !attribute.isDamaged;
}

/** Result of {@linkcode find} if attributes are damaged. */
const INVALID = -2;
/** Length of the value that {@linkcode find} found; {@linkcode ABSENT} if there is none. */
const found = { length: ABSENT };

/** Returns the offset of the value of the last attribute of a type, or {@linkcode INVALID}. */
function find(memory: Memory, start: number, end: number, wanted: number): number {
  let place = start;
  found.length = ABSENT;
  const attribute = ofInner.begin(memory, start, end);
  while (attribute.next()) {
    if (attribute.type === wanted) {
      place = attribute.value;
      found.length = attribute.length;
    }
  }
  return attribute.isDamaged ? INVALID : place;
}

/** Returns the length of the text that {@linkcode find} found; {@linkcode ABSENT} if there is none. */
function foundTextLength(bytes: Uint8Array, at: number): number {
  return found.length === ABSENT ? ABSENT : textLength(bytes, at, found.length);
}

/** Time in nanoseconds since the Unix epoch, as two numbers that stay exact. */
class Time {
  seconds = 0;
  nanoseconds = 0;

  /** Reads a be64 of nanoseconds: a long division, in digits of 16 bits below the first 32. */
  read(bytes: Uint8Array, at: number): void {
    const high = readBe32(bytes, at);
    const first = Math.floor(high / 1e9);
    const third = (high - first * 1e9) * 0x1_0000 + readBe16(bytes, at + 4);
    const second = Math.floor(third / 1e9);
    const rest = (third - second * 1e9) * 0x1_0000 + readBe16(bytes, at + 6);
    const last = Math.floor(rest / 1e9);
    // Until 2038 it is a small integer and must stay one, as `secondsOf` says.
    this.seconds = first === 0 && second < 0x8000
      ? second << 16 | last
      : first * 0x1_0000_0000 + second * 0x1_0000 + last;
    this.nanoseconds = (rest - last * 1e9) | 0;
  }
}

const time = new Time();
