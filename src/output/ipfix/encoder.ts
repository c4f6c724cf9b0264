/**
 * The pure half of the IPFIX output: encodes a flow as a data set with one record (RFC 7011 section
 * 3.3), and the beginning and end of a translation as another one, since pmacct counts nothing of a
 * record with a natEvent. Sequence numbers, templates and messages are the writer's: records of
 * several sandboxes go over one stream.
 */

import {
  DESTROY,
  FLOW_EVENTS,
  type FlowEvent,
  INFERRED,
  INTERIM,
  IPV4_SIZE,
  NEW,
  type RawFlow,
  type RawTuple,
  UPDATE,
} from "../../flow/raw_flow.ts";
import { isSameAddress } from "../../flow/same_address.ts";
import { ABSENT } from "../../packet/absent.ts";
import { IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_TCP } from "../../packet/protocols.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, LEFT_OUT, NO_ROOM, UNFIT } from "../../record/encoder.ts";
import { writeBe16, writeBe32 } from "../../bytes/write.ts";
import { Deltas } from "./deltas.ts";
import * as t from "./template.ts";

/** Options of the encoder. */
export interface IpfixRecordOptions {
  /** Events that make a record. */
  events: readonly FlowEvent[];
  /** Whether the beginning and end of a translation is a record of its own. */
  natEvents: boolean;
  /** Whether counters are those since the record before, or since the flow's start. */
  counters: "delta" | "total";
  /** Unit of times. */
  times: typeof t.TIME_UNITS[number];
}

/** The most bytes of two data sets with a record each. */
const SETS_MAX = 512;
/** Seconds from 1900, where NTP's times begin (RFC 7011 section 6.1.9), to 1970. */
const NTP_EPOCH = 2_208_988_800;
/** Bits of a fraction below a microsecond, which are 0 in times of that unit (section 6.1.9). */
const MICROSECOND_MASK = 0xffff_f800;

/** Values of `flowEndReason` (RFC 5102 section 5.11.3). */
const [IDLE_TIMEOUT, ACTIVE_TIMEOUT, END_DETECTED, FORCED_END] = [1, 2, 3, 4];
/** Values of `firewallEvent` (IANA). */
const [FLOW_CREATED, FLOW_UPDATE] = [1, 5];
/** Values of `natEvent` (RFC 8158 section 4.3): of sessions of NAT44, and those before they had names. */
const [NAT_CREATE, NAT_DELETE, NAT44_CREATE, NAT44_DELETE] = [1, 2, 4, 5];

/** States of flows that have ended by themselves, by protocol; see `src/flow/names.ts`. */
const [TCP_LAST_ACK, TCP_TIME_WAIT, TCP_CLOSE] = [6, 7, 8];
const [SCTP_CLOSED, SCTP_SHUTDOWN_ACK_SENT] = [1, 7];
const [DCCP_CLOSING, DCCP_TIMEWAIT] = [6, 7];

/** Encodes data sets. */
export class IpfixEncoder implements Encoder<RawFlow> {
  readonly #isWanted: readonly boolean[];
  readonly #natEvents: boolean;
  readonly #deltas: Deltas | undefined;
  readonly #unit: number;
  /** Bits that all records have. */
  readonly #common: number;
  #out: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Creates an encoder. */
  constructor({ events, natEvents, counters, times }: IpfixRecordOptions) {
    this.#natEvents = natEvents;
    this.#isWanted = FLOW_EVENTS.map((event) => events.includes(event));
    this.#deltas = counters === "delta" ? new Deltas() : undefined;
    this.#unit = t.TIME_UNITS.indexOf(times);
    this.#common = this.#unit << t.UNIT_SHIFT | (counters === "total" ? t.TOTALS : 0);
  }

  /**
   * Encodes a flow as a data set, or two; one that cannot be kept to count its later records is
   * unfit.
   */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    const { event, original } = flow;
    const isWanted = this.#isWanted[event]!;
    const hasNatEvent = this.#natEvents && beginsOrEnds(event) && isTranslated(flow);
    if (!isWanted && !hasNatEvent) return LEFT_OUT;
    if (original.addressSize === ABSENT || original.protocol === ABSENT) return UNFIT;
    if (at + SETS_MAX > out.length) return NO_ROOM;
    this.#out = out;
    this.#at = at;
    if (isWanted) {
      const hasCounters = original.bytes !== ABSENT && original.packets !== ABSENT;
      // An end without counters is noted, too.
      const deltas = hasCounters || event === INFERRED ? this.#deltas : undefined;
      if (deltas !== undefined && !deltas.take(flow)) return UNFIT;
      // A flow that is idle has nothing to add to a collector's sums.
      if (event === INTERIM && deltas?.isNothing === true) return LEFT_OUT;
      this.#write(flow, this.#bitsOf(flow, hasCounters), deltas);
    }
    if (hasNatEvent) {
      this.#write(flow, this.#endpointBits(flow) | t.EVENT | t.NAT | t.NAT_EVENT, undefined);
    }
    return this.#at - at;
  }

  /** Writes a data set with one record. */
  #write(flow: RawFlow, bits: number, deltas: Deltas | undefined): void {
    const { event, original, reply } = flow;
    const out = this.#out;
    const start = this.#at;
    this.#at += t.SET_HEADER;
    this.#addresses(flow, original.addressSize, original.source, original.destination);
    if (bits & t.PORTS) {
      this.#be16(original.sourcePort);
      this.#be16(original.destinationPort);
    } else if (bits & t.ICMP) this.#be16(original.icmpType << 8 | Math.max(0, original.icmpCode));
    out[this.#at++] = original.protocol;
    this.#times(flow, bits);
    if (bits & t.END_REASON) out[this.#at++] = endReason(flow);
    if ((bits & (t.EVENT | t.NAT_EVENT)) === t.EVENT) {
      out[this.#at++] = event === NEW ? FLOW_CREATED : FLOW_UPDATE;
    }
    if (bits & t.COUNTERS) {
      this.#be64(deltas === undefined ? original.bytes : deltas.bytes);
      this.#be64(deltas === undefined ? original.packets : deltas.packets);
    }
    if (bits & t.REVERSE) {
      this.#be64(deltas === undefined ? reply.bytes : deltas.replyBytes);
      this.#be64(deltas === undefined ? reply.packets : deltas.replyPackets);
    }
    // The reply goes to where the flow comes from, as it is after translation.
    if (bits & t.NAT) {
      this.#addresses(flow, reply.addressSize, reply.destination, reply.source);
      if (bits & t.PORTS) {
        this.#be16(reply.destinationPort);
        this.#be16(reply.sourcePort);
      }
    }
    if (bits & t.NAT_EVENT) out[this.#at++] = natEvent(event, bits);
    if (bits & t.ID) this.#be32(flow.id);
    if (bits & t.ZONE) this.#be32(flow.zone);
    writeBe16(out, start, t.TEMPLATE_MIN + bits);
    writeBe16(out, start + 2, this.#at - start);
  }

  /** Returns the bits of who talks to whom. */
  #endpointBits(flow: RawFlow): number {
    const { original } = flow;
    let bits = this.#common;
    if (original.addressSize !== IPV4_SIZE) bits |= t.IPV6;
    if (hasPorts(original)) bits |= t.PORTS;
    else if (original.icmpType !== ABSENT) bits |= t.ICMP;
    if (flow.id !== ABSENT) bits |= t.ID;
    if (flow.zone !== ABSENT) bits |= t.ZONE;
    return bits;
  }

  #bitsOf(flow: RawFlow, hasCounters: boolean): number {
    const { event, reply } = flow;
    let bits = this.#endpointBits(flow);
    if (event === NEW || event === UPDATE) bits |= t.EVENT;
    if (flow.startSeconds !== ABSENT) bits |= t.START;
    if (event === DESTROY || event === INTERIM) bits |= t.END_REASON;
    if (hasCounters) {
      bits |= t.COUNTERS;
      if (reply.bytes !== ABSENT && reply.packets !== ABSENT) bits |= t.REVERSE;
    }
    if (isTranslated(flow)) bits |= t.NAT;
    return bits;
  }

  /** Writes start, end and time of the event, as far as the record has them. */
  #times(flow: RawFlow, bits: number): void {
    const isStamped = flow.seconds !== ABSENT;
    const seconds = isStamped ? flow.seconds : flow.receivedSeconds;
    const nanoseconds = isStamped ? flow.nanoseconds : flow.receivedNanoseconds;
    if (bits & t.START) this.#time(flow.startSeconds, flow.startNanoseconds);
    // A flow that goes on, or whose end is not known, was seen until now.
    if ((bits & t.EVENT) !== 0 || flow.endSeconds === ABSENT) this.#time(seconds, nanoseconds);
    else this.#time(flow.endSeconds, flow.endNanoseconds);
  }

  /** Writes a time in the chosen unit. */
  #time(seconds: number, nanoseconds: number): void {
    if (this.#unit === 0) return this.#be64(seconds * 1000 + Math.floor(nanoseconds / 1e6));
    const fraction = Math.floor(nanoseconds * 4.294967296);
    this.#be32(seconds + NTP_EPOCH);
    this.#be32(this.#unit === 1 ? fraction & MICROSECOND_MASK : fraction);
  }

  #addresses({ bytes }: RawFlow, size: number, source: number, destination: number): void {
    const out = this.#out;
    const at = this.#at;
    for (let i = 0; i < size; i++) {
      out[at + i] = bytes[source + i]!;
      out[at + size + i] = bytes[destination + i]!;
    }
    this.#at = at + 2 * size;
  }

  #be16(value: number): void {
    writeBe16(this.#out, this.#at, value);
    this.#at += 2;
  }

  #be32(value: number): void {
    writeBe32(this.#out, this.#at, value);
    this.#at += 4;
  }

  #be64(value: number): void {
    writeBe32(this.#out, this.#at, Math.floor(value / 0x1_0000_0000));
    writeBe32(this.#out, this.#at + 4, value);
    this.#at += 8;
  }
}

function hasPorts({ sourcePort, destinationPort }: RawTuple): boolean {
  return sourcePort !== ABSENT && destinationPort !== ABSENT;
}

/** Returns whether a flow begins or ends. */
function beginsOrEnds(event: number): boolean {
  return event === NEW || event === DESTROY || event === INFERRED;
}

/** Returns whether an address, or a port where there are some, was translated. */
function isTranslated({ bytes, original, reply }: RawFlow): boolean {
  const withPorts = hasPorts(original);
  if (reply.addressSize !== original.addressSize || withPorts && !hasPorts(reply)) return false;
  return !isSameAddress(bytes, reply, reply.destination, original, original.source) ||
    !isSameAddress(bytes, reply, reply.source, original, original.destination) ||
    withPorts && (reply.destinationPort !== original.sourcePort ||
        reply.sourcePort !== original.destinationPort);
}

function natEvent(event: number, bits: number): number {
  const isBeginning = event === NEW;
  if (bits & t.IPV6) return isBeginning ? NAT_CREATE : NAT_DELETE;
  return isBeginning ? NAT44_CREATE : NAT44_DELETE;
}

/** Returns the reason of a record of a flow that ended or goes on. */
function endReason(flow: RawFlow): number {
  if (flow.event === INTERIM) return ACTIVE_TIMEOUT;
  if (hasClosed(flow)) return END_DETECTED;
  // The kernel leaves out a timeout that has run down; what is left of it was cut off.
  return flow.timeout > 0 ? FORCED_END : IDLE_TIMEOUT;
}

function hasClosed({ original: { protocol }, state }: RawFlow): boolean {
  switch (protocol) {
    case IPPROTO_TCP:
      return state === TCP_LAST_ACK || state === TCP_TIME_WAIT || state === TCP_CLOSE;
    case IPPROTO_SCTP:
      return state === SCTP_CLOSED || state === SCTP_SHUTDOWN_ACK_SENT;
    case IPPROTO_DCCP:
      return state === DCCP_CLOSING || state === DCCP_TIMEWAIT;
    default:
      return false;
  }
}

/** Encoders of the IPFIX output. */
export const ipfixEncoders = defineEncoders<IpfixRecordOptions>({
  flow: (options) => new IpfixEncoder(options),
});
