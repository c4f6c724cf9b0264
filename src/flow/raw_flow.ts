/**
 * Raw form of a flow of connection tracking, which decoders fill in and encoders read: numbers, and
 * offsets in the memory that holds the flow.
 */

import { ABSENT } from "../packet/absent.ts";

const EMPTY = new Uint8Array(0);

/** Bytes of an address of each family. */
export const IPV4_SIZE = 4;
export const IPV6_SIZE = 16;

/** Reason why a record of a flow was made. */
export type FlowEvent = "new" | "update" | "destroy" | "interim" | "inferred";

/** All reasons; `raw.event` is a place here. */
export const FLOW_EVENTS: readonly FlowEvent[] = [
  "new",
  "update",
  "destroy",
  "interim",
  "inferred",
];
/** Places in {@linkcode FLOW_EVENTS}. */
export const NEW = 0;
export const UPDATE = 1;
export const DESTROY = 2;
export const INTERIM = 3;
export const INFERRED = 4;

/** One direction of a flow, or its master: addresses, ports, counters. Any field may be {@linkcode ABSENT}. */
export class RawTuple {
  /** Bytes of each address: {@linkcode IPV4_SIZE}, {@linkcode IPV6_SIZE}, or ABSENT. */
  addressSize = ABSENT;
  /** Offsets of the addresses. */
  source = 0;
  destination = 0;
  /** IANA protocol number. */
  protocol = ABSENT;
  sourcePort = ABSENT;
  destinationPort = ABSENT;
  /** Type, code and identifier of ICMP and ICMPv6. */
  icmpType = ABSENT;
  icmpCode = ABSENT;
  icmpId = ABSENT;
  /** Zone of this direction only. */
  zone = ABSENT;
  /** Packets and bytes that were counted, 2^53 - 1 at the most. */
  packets = ABSENT;
  bytes = ABSENT;

  /** Makes every value absent. */
  clear(): void {
    this.addressSize = ABSENT;
    this.protocol = ABSENT;
    this.sourcePort = ABSENT;
    this.destinationPort = ABSENT;
    this.icmpType = ABSENT;
    this.icmpCode = ABSENT;
    this.icmpId = ABSENT;
    this.zone = ABSENT;
    this.packets = ABSENT;
    this.bytes = ABSENT;
  }
}

/**
 * A flow in raw form. A decoder fills in the same object for each record, so nothing is allocated;
 * `generation` distinguishes records. Every field except the event and the time of receipt may be
 * {@linkcode ABSENT}. Offsets are in `bytes`.
 */
export class RawFlow {
  /** The memory that all offsets are in. */
  bytes: Uint8Array = EMPTY;
  /** Number of times that this object was filled in. */
  generation = 0;
  /** Offsets of all memory that belongs to the record, for {@linkcode copy}. */
  start = 0;
  end = 0;

  /** Name of the host that tracked it, where that is another one; empty for this one. */
  host = "";
  /** Session of the nfscribe there: a UUID (RFC 9562); empty for a record of this host. */
  session = "";
  /** Name of its source, if there are several. */
  capture = "";
  /** Fields that a filter attached: an object in JSON (RFC 8259), in UTF-8. */
  extra: Uint8Array | undefined = undefined;

  /** Place in {@linkcode FLOW_EVENTS}. */
  event = NEW;
  /** The direction of the first packet. */
  readonly original: RawTuple = new RawTuple();
  /** The direction of answers. */
  readonly reply: RawTuple = new RawTuple();
  /** The flow that this one belongs to, as FTP's control connection to that of its data. */
  readonly master: RawTuple = new RawTuple();
  /** Bits of `enum ip_conntrack_status` (linux/netfilter/nf_conntrack_common.h). */
  status = ABSENT;
  /** State of the protocol: `enum tcp_conntrack` (linux/netfilter/nf_conntrack_tcp.h), SCTP's, DCCP's. */
  state = ABSENT;
  /** Seconds until it is forgotten. */
  timeout = ABSENT;
  mark = ABSENT;
  zone = ABSENT;
  /** The kernel's identifier. */
  id = ABSENT;
  /** The kernel's time of the event since the Unix epoch. */
  seconds = ABSENT;
  nanoseconds = ABSENT;
  /** Time of receipt since the Unix epoch. */
  receivedSeconds = 0;
  receivedNanoseconds = 0;
  /** Time of the first packet since the Unix epoch. */
  startSeconds = ABSENT;
  startNanoseconds = ABSENT;
  /** Time of the end since the Unix epoch. */
  endSeconds = ABSENT;
  endNanoseconds = ABSENT;
  /** Name of the helper. */
  helperOffset = 0;
  helperLength = ABSENT;
  /** Security context. */
  secctxOffset = 0;
  secctxLength = ABSENT;
  /** Bits of labels, least significant word first, in the host's byte order. */
  labelsOffset = 0;
  labelsLength = ABSENT;

  /**
   * Begins the next generation and makes every value absent.
   *
   * @param bytes The memory that all offsets are in.
   * @param start Offset of the memory that belongs to the record.
   * @param end Offset after it.
   */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.generation++;
    this.start = start;
    this.end = end;
    this.extra = undefined;
    this.original.clear();
    this.reply.clear();
    this.master.clear();
    this.status = ABSENT;
    this.state = ABSENT;
    this.timeout = ABSENT;
    this.mark = ABSENT;
    this.zone = ABSENT;
    this.id = ABSENT;
    this.seconds = ABSENT;
    this.nanoseconds = ABSENT;
    this.startSeconds = ABSENT;
    this.startNanoseconds = ABSENT;
    this.endSeconds = ABSENT;
    this.endNanoseconds = ABSENT;
    this.helperLength = ABSENT;
    this.secctxLength = ABSENT;
    this.labelsLength = ABSENT;
  }

  /** Returns a copy in memory of its own. */
  copy(): RawFlow {
    const { start } = this;
    const copy = new RawFlow();
    const { original, reply, master } = copy;
    Object.assign(copy, this, { original, reply, master });
    copy.bytes = this.bytes.slice(start, this.end);
    copy.start = 0;
    copy.end = copy.bytes.length;
    copy.helperOffset -= start;
    copy.secctxOffset -= start;
    copy.labelsOffset -= start;
    for (const name of ["original", "reply", "master"] as const) {
      const tuple = Object.assign(copy[name], this[name]);
      tuple.source -= start;
      tuple.destination -= start;
    }
    return copy;
  }
}
