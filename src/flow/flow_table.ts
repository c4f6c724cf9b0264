/**
 * Flows that a decoder knows, in memory of a fixed size each: 109 bytes, 134 with counters, and at
 * most 16 of an index. Pure; nothing is allocated per flow.
 */

import { ABSENT } from "../packet/absent.ts";
import type { RawFlow, RawTuple } from "./raw_flow.ts";

/** Bytes of a flow, without and with counters, and flows whose memory is made at a time. */
const ENTRY = 109;
const COUNTED_ENTRY = 134;
const CHUNK = 4096;
/** Offsets in an entry: addresses of 16 bytes each, then numbers. */
const ORIGINAL_SOURCE = 0;
const ORIGINAL_DESTINATION = 16;
const REPLY_SOURCE = 32;
const REPLY_DESTINATION = 48;
const PORTS = 64;
const PROTOCOL = 72;
const ADDRESS_SIZE = 73;
const REPLY_ADDRESS_SIZE = 74;
const PRESENT = 75;
const ICMP = 77;
const ZONE = 83;
const ID = 85;
const MARK = 89;
const STATUS = 93;
const START = 97;
const EPOCH = 105;
/** Offset of packets and bytes of both directions, 48 bits each, and of the protocol's state. */
const COUNTS = 109;
const STATE = 133;
/** Largest counter of 48 bits; a larger one is not kept. */
const MOST_COUNT = 0xffff_ffff_ffff;
/** Bits of an entry that say which values it has: any number may be one that the kernel sent. */
const HAS_SOURCE_PORT = 1 << 0;
const HAS_DESTINATION_PORT = 1 << 1;
const HAS_PACKETS = 1 << 2;
const HAS_BYTES = 1 << 3;
/** Those of the reply are the same, this much further up. */
const REPLY_SHIFT = 4;
const HAS_REPLY = 1 << 8;
const HAS_ICMP = 1 << 9;
const HAS_ZONE = 1 << 10;
const HAS_ID = 1 << 11;
const HAS_MARK = 1 << 12;
const HAS_STATUS = 1 << 13;
const HAS_START = 1 << 14;
const HAS_STATE = 1 << 15;
const PORT_MASK = 0xffff;
const EMPTY = -1;
const REMOVED = -2;

/** Flows by identifier and original direction. */
export class FlowTable {
  /** Number of flows. */
  size = 0;
  readonly #most: number;
  readonly #entrySize: number;
  readonly #chunks: DataView<ArrayBuffer>[] = [];
  /** Entries that are free, besides those that were never used. */
  readonly #free: number[] = [];
  #used = 0;
  #index = new Int32Array(CHUNK * 2).fill(EMPTY);
  #removed = 0;

  /**
   * Creates an empty table.
   *
   * @param most Limit of flows; further ones are not kept.
   * @param options Whether counters and the protocol's state are kept, too.
   */
  constructor(most: number, { counts = false }: { counts?: boolean } = {}) {
    this.#most = most;
    this.#entrySize = counts ? COUNTED_ENTRY : ENTRY;
  }

  /**
   * Keeps a flow as of a dump of the kernel's table, or notes that it is still there.
   *
   * @param epoch Number of the dump, not 0.
   * @returns Whether there was room.
   */
  keep(flow: RawFlow, epoch: number): boolean {
    let entry = this.#find(flow);
    if (entry < 0) {
      if (this.size >= this.#most) return false;
      entry = this.#free.pop() ?? this.#used++;
      if (entry >= this.#chunks.length * CHUNK) {
        this.#chunks.push(new DataView(new ArrayBuffer(CHUNK * this.#entrySize)));
      }
      this.#insert(flow.id, entry);
      this.size++;
    }
    this.#write(flow, entry, epoch);
    return true;
  }

  /** Forgets a flow, if it is known. */
  remove(flow: RawFlow): void {
    const entry = this.#find(flow);
    if (entry >= 0) this.#delete(entry, flow.id);
  }

  /**
   * Finds the next flow that a dump did not have, fills it in, and forgets it.
   *
   * @param flow Filled in.
   * @param epoch Number of the dump.
   * @param from Entry to begin at.
   * @returns Entry to go on at; -1 if there is none.
   */
  takeOlder(flow: RawFlow, epoch: number, from: number): number {
    for (let entry = from; entry < this.#used; entry++) {
      const view = this.#viewOf(entry);
      const at = this.#at(entry);
      const known = view.getUint32(at + EPOCH);
      // 0 marks an entry that is free.
      if (known === 0 || known === epoch) continue;
      this.#read(flow, view, at);
      this.#delete(entry, flow.id);
      return entry + 1;
    }
    return EMPTY;
  }

  #viewOf(entry: number): DataView<ArrayBuffer> {
    return this.#chunks[entry / CHUNK | 0]!;
  }

  #at(entry: number): number {
    return entry % CHUNK * this.#entrySize;
  }

  /** Returns the entry of a flow; negative if it is unknown. */
  #find(flow: RawFlow): number {
    const index = this.#index;
    const mask = index.length - 1;
    for (let slot = hashOf(flow.id) & mask;; slot = slot + 1 & mask) {
      const entry = index[slot]!;
      if (entry === EMPTY) return EMPTY;
      if (entry >= 0 && this.#isSame(flow, entry)) return entry;
    }
  }

  /** Compares identifier and original direction: identifiers of a million flows may be equal. */
  #isSame({ id, bytes, original }: RawFlow, entry: number): boolean {
    const view = this.#viewOf(entry);
    const at = this.#at(entry);
    if (view.getUint32(at + ID) !== id >>> 0) return false;
    if (view.getUint8(at + PROTOCOL) !== original.protocol) return false;
    if (view.getUint16(at + PORTS) !== (original.sourcePort & PORT_MASK)) return false;
    if (view.getUint16(at + PORTS + 2) !== (original.destinationPort & PORT_MASK)) return false;
    const size = original.addressSize;
    if (view.getUint8(at + ADDRESS_SIZE) !== size) return false;
    for (let i = 0; i < size; i++) {
      if (view.getUint8(at + ORIGINAL_SOURCE + i) !== bytes[original.source + i]) return false;
      if (view.getUint8(at + ORIGINAL_DESTINATION + i) !== bytes[original.destination + i]) {
        return false;
      }
    }
    return true;
  }

  #insert(id: number, entry: number): void {
    if ((this.size + this.#removed) * 2 >= this.#index.length) this.#grow();
    const mask = this.#index.length - 1;
    let slot = hashOf(id) & mask;
    while (this.#index[slot]! >= 0) slot = slot + 1 & mask;
    if (this.#index[slot] === REMOVED) this.#removed--;
    this.#index[slot] = entry;
  }

  /** Makes the index larger where it is half full, and without marks of what was removed. */
  #grow(): void {
    const old = this.#index;
    const length = this.size * 4 > old.length ? old.length * 2 : old.length;
    this.#index = new Int32Array(length).fill(EMPTY);
    this.#removed = 0;
    for (const entry of old) {
      if (entry < 0) continue;
      let slot = hashOf(this.#viewOf(entry).getUint32(this.#at(entry) + ID)) & length - 1;
      while (this.#index[slot]! >= 0) slot = slot + 1 & length - 1;
      this.#index[slot] = entry;
    }
  }

  #delete(entry: number, id: number): void {
    const mask = this.#index.length - 1;
    let slot = hashOf(id) & mask;
    while (this.#index[slot] !== entry) slot = slot + 1 & mask;
    this.#index[slot] = REMOVED;
    this.#removed++;
    this.#viewOf(entry).setUint32(this.#at(entry) + EPOCH, 0);
    this.#free.push(entry);
    this.size--;
  }

  #write(flow: RawFlow, entry: number, epoch: number): void {
    const view = this.#viewOf(entry);
    const at = this.#at(entry);
    const { bytes, original, reply } = flow;
    copyAddresses(view, at + ORIGINAL_SOURCE, bytes, original);
    copyAddresses(view, at + REPLY_SOURCE, bytes, reply);
    view.setUint16(at + PORTS, original.sourcePort);
    view.setUint16(at + PORTS + 2, original.destinationPort);
    view.setUint16(at + PORTS + 4, reply.sourcePort);
    view.setUint16(at + PORTS + 6, reply.destinationPort);
    view.setUint8(at + PROTOCOL, original.protocol);
    view.setUint8(at + ADDRESS_SIZE, original.addressSize);
    view.setUint8(at + REPLY_ADDRESS_SIZE, Math.max(0, reply.addressSize));
    view.setUint16(at + PRESENT, presentOf(flow));
    view.setUint16(at + ICMP, original.icmpId);
    writeIcmp(view, at + ICMP + 2, original);
    writeIcmp(view, at + ICMP + 4, reply);
    view.setUint16(at + ZONE, flow.zone);
    view.setUint32(at + ID, flow.id);
    view.setUint32(at + MARK, flow.mark);
    view.setUint32(at + STATUS, flow.status);
    // New flows have no start yet; the time of their event is it.
    const isKnown = flow.startSeconds !== ABSENT;
    view.setUint32(at + START, isKnown ? flow.startSeconds : flow.seconds);
    view.setUint32(at + START + 4, isKnown ? flow.startNanoseconds : flow.nanoseconds);
    view.setUint32(at + EPOCH, epoch);
    if (this.#entrySize === ENTRY) return;
    writeCounts(view, at + COUNTS, original);
    writeCounts(view, at + COUNTS + 12, reply);
    view.setUint8(at + STATE, flow.state);
  }

  #read(flow: RawFlow, view: DataView<ArrayBuffer>, at: number): void {
    flow.reset(new Uint8Array(view.buffer, at, ENTRY).slice(), 0, ENTRY);
    const { original, reply } = flow;
    const present = view.getUint16(at + PRESENT);
    readTuple(original, view, at, present, 0);
    original.addressSize = view.getUint8(at + ADDRESS_SIZE);
    original.source = ORIGINAL_SOURCE;
    original.destination = ORIGINAL_DESTINATION;
    if ((present & HAS_REPLY) !== 0) {
      readTuple(reply, view, at, present >> REPLY_SHIFT, 1);
      reply.addressSize = view.getUint8(at + REPLY_ADDRESS_SIZE);
      reply.source = REPLY_SOURCE;
      reply.destination = REPLY_DESTINATION;
    }
    if ((present & HAS_ICMP) !== 0) {
      readIcmp(original, view, at, 0);
      if ((present & HAS_REPLY) !== 0) readIcmp(reply, view, at, 1);
    }
    if ((present & HAS_ZONE) !== 0) flow.zone = view.getUint16(at + ZONE);
    if ((present & HAS_ID) !== 0) flow.id = view.getUint32(at + ID);
    if ((present & HAS_MARK) !== 0) flow.mark = view.getUint32(at + MARK);
    if ((present & HAS_STATUS) !== 0) flow.status = view.getUint32(at + STATUS);
    if ((present & HAS_START) !== 0) {
      flow.startSeconds = view.getUint32(at + START);
      flow.startNanoseconds = view.getUint32(at + START + 4);
    }
    if (this.#entrySize === ENTRY) return;
    readCounts(original, view, at + COUNTS, present);
    readCounts(reply, view, at + COUNTS + 12, present >> REPLY_SHIFT);
    if ((present & HAS_STATE) !== 0) flow.state = view.getUint8(at + STATE);
  }
}

/** Returns the bits of the values that a flow has. */
function presentOf(flow: RawFlow): number {
  const { original, reply } = flow;
  return presentInTuple(original) | presentInTuple(reply) << REPLY_SHIFT |
    (reply.addressSize === ABSENT ? 0 : HAS_REPLY) |
    (original.icmpType === ABSENT ? 0 : HAS_ICMP) |
    (flow.zone === ABSENT ? 0 : HAS_ZONE) |
    (flow.id === ABSENT ? 0 : HAS_ID) |
    (flow.mark === ABSENT ? 0 : HAS_MARK) |
    (flow.status === ABSENT ? 0 : HAS_STATUS) |
    (flow.startSeconds === ABSENT && flow.seconds === ABSENT ? 0 : HAS_START) |
    (flow.state === ABSENT ? 0 : HAS_STATE);
}

function presentInTuple({ sourcePort, destinationPort, packets, bytes }: RawTuple): number {
  return (sourcePort === ABSENT ? 0 : HAS_SOURCE_PORT) |
    (destinationPort === ABSENT ? 0 : HAS_DESTINATION_PORT) |
    (isCount(packets) ? HAS_PACKETS : 0) |
    (isCount(bytes) ? HAS_BYTES : 0);
}

function isCount(count: number): boolean {
  return count !== ABSENT && count <= MOST_COUNT;
}

function copyAddresses(
  view: DataView<ArrayBuffer>,
  at: number,
  bytes: Uint8Array,
  { addressSize, source, destination }: RawTuple,
): void {
  for (let i = 0; i < addressSize; i++) {
    view.setUint8(at + i, bytes[source + i]!);
    view.setUint8(at + ORIGINAL_DESTINATION + i, bytes[destination + i]!);
  }
}

function writeCounts(
  view: DataView<ArrayBuffer>,
  at: number,
  { packets, bytes }: RawTuple,
): void {
  writeCount(view, at, packets);
  writeCount(view, at + 6, bytes);
}

function writeCount(view: DataView<ArrayBuffer>, at: number, count: number): void {
  view.setUint16(at, count / 0x1_0000_0000);
  view.setUint32(at + 2, count);
}

function readCounts(
  tuple: RawTuple,
  view: DataView<ArrayBuffer>,
  at: number,
  present: number,
): void {
  if ((present & HAS_PACKETS) !== 0) tuple.packets = readCount(view, at);
  if ((present & HAS_BYTES) !== 0) tuple.bytes = readCount(view, at + 6);
}

function readCount(view: DataView<ArrayBuffer>, at: number): number {
  return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2);
}

function writeIcmp(
  view: DataView<ArrayBuffer>,
  at: number,
  { icmpType, icmpCode }: RawTuple,
): void {
  view.setUint8(at, icmpType);
  view.setUint8(at + 1, icmpCode);
}

/** Reads type, code and identifier of one of two directions, 0 or 1, of an entry. */
function readIcmp(tuple: RawTuple, view: DataView<ArrayBuffer>, at: number, way: 0 | 1): void {
  tuple.icmpId = view.getUint16(at + ICMP);
  tuple.icmpType = view.getUint8(at + ICMP + 2 + 2 * way);
  tuple.icmpCode = view.getUint8(at + ICMP + 3 + 2 * way);
}

/** Reads protocol and ports of one of two directions, 0 or 1, of an entry. */
function readTuple(
  tuple: RawTuple,
  view: DataView<ArrayBuffer>,
  at: number,
  present: number,
  way: 0 | 1,
): void {
  tuple.protocol = view.getUint8(at + PROTOCOL);
  const ports = at + PORTS + 4 * way;
  if ((present & HAS_SOURCE_PORT) !== 0) tuple.sourcePort = view.getUint16(ports);
  if ((present & HAS_DESTINATION_PORT) !== 0) tuple.destinationPort = view.getUint16(ports + 2);
}

/** Spreads identifiers: the kernel's are random, those of a forged event need not be. */
function hashOf(id: number): number {
  return Math.imul(id ^ id >>> 16, 0x45d9f3b) >>> 0;
}
