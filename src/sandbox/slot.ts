/**
 * One slot of the memory that the privileged process and a sandbox share, and how
 * its words are laid out.
 *
 * @module
 */

import { Memory, secondsOf } from "../bytes/memory.ts";

/** Datagrams that a slot takes at the most. */
export const DATAGRAMS_MAX = 64;
/** A slot's state; only the process that it belongs to changes it. */
export const State = {
  /** The privileged process's: empty, or being filled. */
  FREE: 0,
  /** The sandbox's. */
  DEALT: 1,
  /** The privileged process's: an output area is full, the sandbox waits to go on. */
  FULL: 2,
  /** The privileged process's: everything is decided and encoded. */
  DONE: 3,
} as const;

/** What a slot asks for. */
export const Kind = {
  /** Its datagrams are to be decoded, filtered and encoded. */
  PACKETS: 0,
  /** The script's `tick` is to be called. */
  TICK: 1,
  /** The script's `stop` is to be called: this is the last slot. */
  STOP: 2,
  /** What the script wrote outside of any call is to be put out. */
  EVENTS: 3,
} as const;

/** What becomes of a slot's packets. */
export const Mode = {
  /** The filter decides, where there is one. */
  FILTER: 0,
  /** All go everywhere: the filter failed on them before, and `on_error` is "pass". */
  PASS: 1,
  /** All are dropped: the same, and `on_error` is "drop". */
  DROP: 2,
} as const;

/** Words of a slot that stand once. */
const STATE = 0;
const KIND = 1;
const MODE = 2;
const DATAGRAMS = 3;
const SKIP_DATAGRAM = 4;
const SKIP_POSITION = 5;
const ASKED_DATAGRAM = 6;
const ASKED_POSITION = 7;
const RESUME_DATAGRAM = 8;
const RESUME_POSITION = 9;
const PASSED = 10;
const DROPPED = 11;
const FAILED = 12;
const SLOT_WORDS = 13;
/** Words of a slot for each area. */
const LENGTH = 0;
const PACKETS = 1;
const UNFIT_PACKETS = 2;
const FILTERED = 3;
const EMITTED = 4;
const AREA_WORDS = 5;
/** Words of a slot for each datagram. */
const SOURCE = 0;
const OFFSET = 1;
const SIZE = 2;
const SECONDS = 3;
const SECONDS_HIGH = 4;
const NANOSECONDS = 5;
const MESSAGES = 6;
const RECEIVED = 7;
const MALFORMED = 8;
const LOST = 9;
const NUMBERED = 10;
const FIRST_SEQ = 11;
const NEXT_SEQ = 12;
const DATAGRAM_WORDS = 13;

/** Stands for "no packet" where a packet is named. */
export const NO_PACKET = -1;

/** How many words a slot takes. */
export function slotWords(areas: number): number {
  return SLOT_WORDS + areas * AREA_WORDS + DATAGRAMS_MAX * DATAGRAM_WORDS;
}

/**
 * One slot. What the sandbox wrote into its words is untrusted: the privileged
 * process copies them once ({@linkcode Slot.copyFrom}), checks the copy, and reads that.
 */
export class Slot {
  /** The datagrams. */
  readonly memory: Memory;
  /** Where records go: an area for each output, and one for what is traced. */
  readonly areas: readonly Uint8Array[];
  readonly #words: Int32Array;
  readonly #datagrams: number;

  /**
   * Lays a slot over memory.
   *
   * @param words As many as {@linkcode slotWords} says.
   * @param input The memory of its datagrams.
   * @param areas The memory of each area.
   */
  constructor(words: Int32Array, input: ArrayBufferLike, areas: readonly ArrayBufferLike[]) {
    this.#words = words;
    this.memory = new Memory(input);
    this.areas = areas.map((area) => new Uint8Array(area));
    this.#datagrams = SLOT_WORDS + areas.length * AREA_WORDS;
  }

  /**
   * Makes a slot without memory for datagrams and records, which holds a copy of another
   * one's words.
   *
   * @param areas How many areas the other one has.
   */
  static forCopies(areas: number): Slot {
    const none = new ArrayBuffer(0);
    return new Slot(new Int32Array(slotWords(areas)), none, Array(areas).fill(none));
  }

  /** Copies another slot's words, which may change while they are copied and afterwards. */
  copyFrom(slot: Slot): void {
    this.#words.set(slot.#words);
  }

  /** Whose it is and what for: {@linkcode State}. Setting it publishes everything written before. */
  get state(): number {
    return Atomics.load(this.#words, STATE);
  }
  set state(value: number) {
    Atomics.store(this.#words, STATE, value);
  }

  /** What is asked for: {@linkcode Kind}. */
  get kind(): number {
    return this.#words[KIND]!;
  }
  set kind(value: number) {
    this.#words[KIND] = value;
  }

  /** What becomes of the packets: {@linkcode Mode}. */
  get mode(): number {
    return this.#words[MODE]!;
  }
  set mode(value: number) {
    this.#words[MODE] = value;
  }

  /** How many datagrams there are. */
  get datagrams(): number {
    return this.#words[DATAGRAMS]!;
  }

  /** The datagram to begin with, or at {@linkcode State.FULL} the one that is not finished. */
  get resumeDatagram(): number {
    return this.#words[RESUME_DATAGRAM]!;
  }

  /** The first packet in it that is to be put out, by its place in the memory; 0 for all of it. */
  get resumePosition(): number {
    return this.#words[RESUME_POSITION]!;
  }

  /** Sets both. */
  resumeAt(datagram: number, position: number): void {
    this.#words[RESUME_DATAGRAM] = datagram;
    this.#words[RESUME_POSITION] = position;
  }

  /** Packets that the filter passed, dropped, and failed on, since the slot was dealt. */
  get passed(): number {
    return this.#words[PASSED]!;
  }
  get dropped(): number {
    return this.#words[DROPPED]!;
  }
  get failed(): number {
    return this.#words[FAILED]!;
  }

  /** Empties the slot. */
  clear(kind: number): void {
    this.#words.fill(0, KIND);
    this.#words[KIND] = kind;
    this.#words[SKIP_DATAGRAM] = NO_PACKET;
    this.#words[ASKED_POSITION] = NO_PACKET;
  }

  /** The datagram with a packet that the filter is not asked about; {@linkcode NO_PACKET} for none. */
  get skipDatagram(): number {
    return this.#words[SKIP_DATAGRAM]!;
  }

  /** That packet's place in the memory. */
  get skipPosition(): number {
    return this.#words[SKIP_POSITION]!;
  }

  /** Names a packet that the filter is not asked about: it follows `on_error`. */
  skip(datagram: number, position: number): void {
    this.#words[SKIP_DATAGRAM] = datagram;
    this.#words[SKIP_POSITION] = position;
  }

  /** The datagram with the packet that the filter was asked about last. */
  get askedDatagram(): number {
    return this.#words[ASKED_DATAGRAM]!;
  }
  set askedDatagram(datagram: number) {
    this.#words[ASKED_DATAGRAM] = datagram;
  }

  /** That packet's place in the memory; {@linkcode NO_PACKET} where it was asked about none, or has answered. */
  get askedPosition(): number {
    return this.#words[ASKED_POSITION]!;
  }
  set askedPosition(position: number) {
    this.#words[ASKED_POSITION] = position;
  }

  /** Sets everything that was counted and put out back to nothing; the datagrams stay. */
  clearResults(): void {
    this.#words.fill(0, PASSED, this.#datagrams);
  }

  /** Adds a datagram that lies in the memory. */
  addDatagram({ source, offset, size, seconds, nanoseconds, messages }: SlotDatagram): void {
    const at = this.#datagram(this.#words[DATAGRAMS]!++);
    const words = this.#words;
    words[at + SOURCE] = source;
    words[at + OFFSET] = offset;
    words[at + SIZE] = size;
    words[at + SECONDS] = seconds >>> 0;
    words[at + SECONDS_HIGH] = seconds / 0x1_0000_0000;
    words[at + NANOSECONDS] = nanoseconds;
    words[at + MESSAGES] = messages;
  }

  /** Number of the source that a datagram came from. */
  sourceOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + SOURCE]!;
  }
  /** Where it begins. */
  offsetOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + OFFSET]!;
  }
  /** Its length in bytes. */
  sizeOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + SIZE]!;
  }
  /** When it was received: whole seconds since the Unix epoch. */
  secondsOf(datagram: number): number {
    const at = this.#datagram(datagram);
    return secondsOf(this.#words[at + SECONDS_HIGH]!, this.#words[at + SECONDS]! >>> 0);
  }
  /** Nanoseconds past them. */
  nanosecondsOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + NANOSECONDS]!;
  }

  /** How many messages the sandbox must have taken in before it begins with it. */
  messagesOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + MESSAGES]!;
  }

  /** Tells what was found in a datagram. */
  report(datagram: number, report: DatagramReport): void {
    const at = this.#datagram(datagram);
    const words = this.#words;
    words[at + RECEIVED] = report.received;
    words[at + MALFORMED] = report.malformed;
    words[at + LOST] = report.lost;
    words[at + NUMBERED] = report.firstSeq >= 0 ? 1 : 0;
    words[at + FIRST_SEQ] = report.firstSeq;
    words[at + NEXT_SEQ] = report.nextSeq;
  }

  /** What was found in a datagram. */
  reportOf(datagram: number): DatagramReport {
    const at = this.#datagram(datagram);
    const words = this.#words;
    const numbered = words[at + NUMBERED] === 1;
    return {
      received: words[at + RECEIVED]!,
      malformed: words[at + MALFORMED]!,
      lost: words[at + LOST]! >>> 0,
      firstSeq: numbered ? words[at + FIRST_SEQ]! >>> 0 : -1,
      nextSeq: numbered ? words[at + NEXT_SEQ]! >>> 0 : -1,
    };
  }

  /** Counts what the filter decided: each is how many packets more. */
  countVerdicts(passed: number, dropped: number, failed: number): void {
    this.#words[PASSED]! += passed;
    this.#words[DROPPED]! += dropped;
    this.#words[FAILED]! += failed;
  }

  /** Bytes in an output's area. */
  lengthOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + LENGTH]!;
  }
  /** Packets in it. */
  packetsOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + PACKETS]!;
  }
  /** Packets that its format cannot hold. */
  unfitOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + UNFIT_PACKETS]!;
  }
  /** Packets that were not for it. */
  filteredOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + FILTERED]!;
  }
  /** Lines in it that the script wrote by itself. */
  emittedOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + EMITTED]!;
  }

  /** Tells what was put into an output's area. */
  countOutput(output: number, counts: OutputCounts): void {
    const at = SLOT_WORDS + output * AREA_WORDS;
    const words = this.#words;
    words[at + LENGTH] = counts.length;
    words[at + PACKETS] = counts.packets;
    words[at + UNFIT_PACKETS] = counts.unfit;
    words[at + FILTERED] = counts.filtered;
    words[at + EMITTED] = counts.emitted;
  }

  #datagram(index: number): number {
    return this.#datagrams + index * DATAGRAM_WORDS;
  }
}

/** What was put into an output's area. */
export interface OutputCounts {
  /** Bytes. */
  length: number;
  /** Packets. */
  packets: number;
  /** Packets that its format cannot hold. */
  unfit: number;
  /** Packets that were not for it. */
  filtered: number;
  /** Lines that the script wrote by itself. */
  emitted: number;
}

/** A datagram in a slot's memory. */
export interface SlotDatagram {
  /** Number of the source that it came from. */
  source: number;
  /** Where it begins: a multiple of 4. */
  offset: number;
  /** Its length in bytes. */
  size: number;
  /** When it was received: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** How many messages the sandbox must have taken in before it begins with it. */
  messages: number;
}

/** What a sandbox found in a datagram. */
export interface DatagramReport {
  /** Packets, damaged ones included. */
  received: number;
  /** Damaged packets. */
  malformed: number;
  /** Packets that are missing between its first and its last. */
  lost: number;
  /** The number of its first packet; -1 where none has a number. */
  firstSeq: number;
  /** The number that comes after its last one; -1 where none has a number. */
  nextSeq: number;
}
