/**
 * Counts since the record of a flow before, for flows that have several. Only those are kept that
 * had a record and go on; nothing is allocated per flow.
 */

import { DESTROY, INFERRED, type RawFlow } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";

/** Slots of a new table, a power of two. */
const SLOTS = 1024;
/** Slots of the largest table. */
const SLOTS_MAX = 1 << 20;
/** Seconds after which a flow is forgotten that had no further record: its end was lost. */
const STALE = 172_800;
/** Seconds between two searches for such flows in a table that is full. */
const SEARCH = 3600;
/** Counters of a flow: bytes and packets of both directions. */
const COUNTERS = 4;

/** Counts of flows since the records before. */
export class Deltas {
  /** Counts of the current record; ABSENT where the kernel did not count. */
  bytes = 0;
  packets = 0;
  replyBytes = 0;
  replyPackets = 0;

  #mask = SLOTS - 1;
  #size = 0;
  /** Second of the last search for flows whose end was lost. */
  #searched = 0;
  /** Identifier and hash of the flow in a slot, and the second of its last record; 0 if it is free. */
  #ids = new Uint32Array(SLOTS);
  #hashes = new Uint32Array(SLOTS);
  #seen = new Uint32Array(SLOTS);
  #totals = new Float64Array(SLOTS * COUNTERS);

  /** The last record, which is noted once another one follows: a full area repeats a record. */
  #isPending = false;
  #id = 0;
  #hash = 0;
  #event = 0;
  #seconds = 0;
  #nanoseconds = 0;
  readonly #last = new Float64Array(COUNTERS);

  /**
   * Takes a record, and sets the counts.
   *
   * @returns Whether the flow can be kept, so that no later record counts the same again.
   */
  take(flow: RawFlow): boolean {
    const id = flow.id >>> 0;
    const hash = hashOf(flow);
    if (this.#isPending && !this.#isRepeated(flow, id, hash)) {
      this.#isPending = false;
      this.#note();
    }
    const isEnd = flow.event === DESTROY || flow.event === INFERRED;
    const hasRoom = isEnd || this.#hasRoom(flow.receivedSeconds);
    const slot = this.#find(id, hash);
    const seen = this.#seen[slot]!;
    if (seen === 0 && !hasRoom) return false;
    // The kernel may give another flow the same number, once the end of the one before was lost.
    const isKnown = seen !== 0 && flow.startSeconds <= seen;
    const { original, reply } = flow;
    const base = slot * COUNTERS;
    this.bytes = this.#since(original.bytes, isKnown, base);
    this.packets = this.#since(original.packets, isKnown, base + 1);
    this.replyBytes = this.#since(reply.bytes, isKnown, base + 2);
    this.replyPackets = this.#since(reply.packets, isKnown, base + 3);
    // An end of a flow that had no other record, which is nearly every one, changes nothing.
    if (seen === 0 && isEnd) return true;
    this.#isPending = true;
    this.#id = id;
    this.#hash = hash;
    this.#event = flow.event;
    this.#seconds = flow.receivedSeconds;
    this.#nanoseconds = flow.receivedNanoseconds;
    const last = this.#last;
    last[0] = original.bytes;
    last[1] = original.packets;
    last[2] = reply.bytes;
    last[3] = reply.packets;
    return true;
  }

  /** Whether nothing was counted since the record before. */
  get isNothing(): boolean {
    return this.packets <= 0 && this.replyPackets <= 0;
  }

  #isRepeated(flow: RawFlow, id: number, hash: number): boolean {
    const last = this.#last;
    return id === this.#id && hash === this.#hash && flow.event === this.#event &&
      flow.receivedSeconds === this.#seconds && flow.receivedNanoseconds === this.#nanoseconds &&
      flow.original.bytes === last[0] && flow.original.packets === last[1] &&
      flow.reply.bytes === last[2] && flow.reply.packets === last[3];
  }

  #since(total: number, isKnown: boolean, at: number): number {
    if (total === ABSENT || !isKnown) return total;
    const before = this.#totals[at]!;
    // Another program may have set the kernel's counters back to 0.
    return total < before ? total : total - before;
  }

  /** Notes the last record. */
  #note(): void {
    const slot = this.#find(this.#id, this.#hash);
    const isKnown = this.#seen[slot] !== 0;
    if (this.#event === DESTROY || this.#event === INFERRED) {
      if (isKnown) this.#remove(slot);
      return;
    }
    this.#ids[slot] = this.#id;
    this.#hashes[slot] = this.#hash;
    this.#seen[slot] = Math.max(1, this.#seconds);
    for (let n = 0; n < COUNTERS; n++) {
      // What is unknown now was counted before.
      if (this.#last[n] !== ABSENT || !isKnown) {
        this.#totals[slot * COUNTERS + n] = Math.max(0, this.#last[n]!);
      }
    }
    if (!isKnown) this.#size++;
  }

  /** Returns whether the table has room for a flow; makes some. */
  #hasRoom(now: number): boolean {
    if (this.#size * 2 < this.#mask) return true;
    if (this.#mask + 1 === SLOTS_MAX && now - this.#searched < SEARCH) return false;
    this.#searched = now;
    this.#rebuild(now - STALE);
    return this.#size * 2 < this.#mask;
  }

  /** Returns the slot of a flow, or the free one where it belongs. */
  #find(id: number, hash: number): number {
    let slot = homeOf(id, hash) & this.#mask;
    while (this.#seen[slot] !== 0 && (this.#ids[slot] !== id || this.#hashes[slot] !== hash)) {
      slot = slot + 1 & this.#mask;
    }
    return slot;
  }

  /** Frees a slot, and moves those behind it so that each is found from its home. */
  #remove(slot: number): void {
    this.#size--;
    let free = slot;
    for (let next = slot;;) {
      next = next + 1 & this.#mask;
      if (this.#seen[next] === 0) break;
      const home = homeOf(this.#ids[next]!, this.#hashes[next]!) & this.#mask;
      if ((next - home & this.#mask) < (next - free & this.#mask)) continue;
      this.#ids[free] = this.#ids[next]!;
      this.#hashes[free] = this.#hashes[next]!;
      this.#seen[free] = this.#seen[next]!;
      this.#totals.copyWithin(free * COUNTERS, next * COUNTERS, (next + 1) * COUNTERS);
      free = next;
    }
    this.#seen[free] = 0;
  }

  /** Drops flows whose end was lost, and makes the table larger where that was not enough. */
  #rebuild(oldest: number): void {
    const [ids, hashes, seen, totals] = [this.#ids, this.#hashes, this.#seen, this.#totals];
    let kept = 0;
    for (const second of seen) if (second > 0 && second >= oldest) kept++;
    const isFull = kept * 3 > seen.length && seen.length < SLOTS_MAX;
    const slots = isFull ? seen.length * 2 : seen.length;
    this.#mask = slots - 1;
    this.#size = kept;
    this.#ids = new Uint32Array(slots);
    this.#hashes = new Uint32Array(slots);
    this.#seen = new Uint32Array(slots);
    this.#totals = new Float64Array(slots * COUNTERS);
    for (let old = 0; old < seen.length; old++) {
      if (seen[old] === 0 || seen[old]! < oldest) continue;
      const slot = this.#find(ids[old]!, hashes[old]!);
      this.#ids[slot] = ids[old]!;
      this.#hashes[slot] = hashes[old]!;
      this.#seen[slot] = seen[old]!;
      for (let n = 0; n < COUNTERS; n++) {
        this.#totals[slot * COUNTERS + n] = totals[old * COUNTERS + n]!;
      }
    }
  }
}

/** Returns a hash of addresses and ports: identifiers of a million flows may be equal. */
function hashOf({ bytes, original }: RawFlow): number {
  const { addressSize, source, destination } = original;
  let hash = original.protocol ^ original.sourcePort << 16 ^ original.destinationPort;
  for (let i = 0; i < addressSize; i++) {
    hash = Math.imul(hash ^ bytes[source + i]!, 0x01000193);
    hash = Math.imul(hash ^ bytes[destination + i]!, 0x01000193);
  }
  return hash >>> 0;
}

/** Returns where the search for a flow begins. */
function homeOf(id: number, hash: number): number {
  const mixed = Math.imul(id ^ hash, 0x45d9f3b);
  return mixed ^ mixed >>> 16;
}
