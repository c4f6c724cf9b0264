/** Slot of the shared memory, and the layout of its words. */

import { Memory, secondsOf } from "../bytes/memory.ts";

/** Limit for the datagrams of a slot. */
export const DATAGRAMS_MAX = 256;
/** State of a slot; only the process that owns it changes it. */
export const State = {
  /** Owned by the privileged process: empty, or being filled. */
  FREE: 0,
  /** Owned by the sandbox. */
  DISPATCHED: 1,
  /** Owned by the privileged process: an output area is full, the sandbox waits. */
  FULL: 2,
  /** Owned by the privileged process: all packets are decided and encoded. */
  DONE: 3,
} as const;

/** Work of a slot. */
export const Kind = {
  /** Decode, filter and encode its datagrams. */
  PACKETS: 0,
  /** Call the script's `tick`. */
  TICK: 1,
  /** Call the script's `stop`; this is the last slot. */
  STOP: 2,
  /** Encode lines that the script emitted outside of any call. */
  EVENTS: 3,
} as const;

/** Mode of deciding about a slot's packets. */
export const Mode = {
  /** The filter decides, if there is one. */
  FILTER: 0,
  /**
   * All packets go to every output of their source: the filter failed on them, and `on_error` is
   * "pass".
   */
  PASS: 1,
  /** All packets are dropped: the filter failed on them, and `on_error` is "drop". */
  DROP: 2,
} as const;

/** Words of a slot. */
const STATE = 0;
const KIND = 1;
const MODE = 2;
const DATAGRAMS = 3;
const SKIP_DATAGRAM = 4;
const SKIP_POSITION = 5;
const CURRENT_DATAGRAM = 6;
const CURRENT_POSITION = 7;
const RESUME_DATAGRAM = 8;
const RESUME_POSITION = 9;
const PASSED = 10;
const DROPPED = 11;
const FAILED = 12;
const SLOT_WORDS = 13;
/** Words for each area. */
const LENGTH = 0;
const PACKETS = 1;
const UNFIT_PACKETS = 2;
const FILTERED = 3;
const EMITTED = 4;
const AREA_WORDS = 5;
/** Words for each datagram. */
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

/** Means "no packet" as a position. */
export const NO_PACKET = -1;

/** Returns the number of words of a slot. */
export function slotWords(areas: number): number {
  return SLOT_WORDS + areas * AREA_WORDS + DATAGRAMS_MAX * DATAGRAM_WORDS;
}

/**
 * Slot of the ring. Words that the sandbox wrote are untrusted: the privileged process copies them
 * once ({@linkcode Slot.copyFrom}), and checks and reads the copy.
 */
export class Slot {
  /** Datagrams. */
  readonly memory: Memory;
  /** Records: an area for each output, and one for traces. */
  readonly areas: readonly Uint8Array[];
  readonly #words: Int32Array;
  readonly #datagrams: number;

  /**
   * Maps a slot.
   *
   * @param words Words; their number is {@linkcode slotWords}.
   * @param input Memory of the datagrams.
   * @param areas Memory of each area.
   */
  constructor(words: Int32Array, input: ArrayBufferLike, areas: readonly ArrayBufferLike[]) {
    this.#words = words;
    this.memory = new Memory(input);
    this.areas = areas.map((area) => new Uint8Array(area));
    this.#datagrams = SLOT_WORDS + areas.length * AREA_WORDS;
  }

  /**
   * Creates a slot without datagrams and records, for copies of another slot's words.
   *
   * @param areas Areas of the other slot.
   */
  static forCopies(areas: number): Slot {
    const none = new ArrayBuffer(0);
    return new Slot(new Int32Array(slotWords(areas)), none, Array(areas).fill(none));
  }

  /** Copies another slot's words, which may change during and after the copy. */
  copyFrom(slot: Slot): void {
    this.#words.set(slot.#words);
  }

  /** Owner and progress: {@linkcode State}. Setting it publishes everything written before. */
  get state(): number {
    return Atomics.load(this.#words, STATE);
  }
  set state(value: number) {
    Atomics.store(this.#words, STATE, value);
  }

  /**
   * Whether the sandbox has returned the slot. Any other state of a dispatched slot means that it
   * is being worked on, also one that a sandbox forged.
   */
  get isReturned(): boolean {
    const { state } = this;
    return state === State.FULL || state === State.DONE;
  }

  /** Work: {@linkcode Kind}. */
  get kind(): number {
    return this.#words[KIND]!;
  }
  set kind(value: number) {
    this.#words[KIND] = value;
  }

  /** Mode: {@linkcode Mode}. */
  get mode(): number {
    return this.#words[MODE]!;
  }
  set mode(value: number) {
    this.#words[MODE] = value;
  }

  /** Number of datagrams. */
  get datagrams(): number {
    return this.#words[DATAGRAMS]!;
  }

  /** Datagram to begin with, or at {@linkcode State.FULL} the unfinished one. */
  get resumeDatagram(): number {
    return this.#words[RESUME_DATAGRAM]!;
  }

  /** Offset of the first packet of that datagram that is still to be written; 0 for all of it. */
  get resumePosition(): number {
    return this.#words[RESUME_POSITION]!;
  }

  /** Sets the datagram and offset to resume at. */
  resumeAt(datagram: number, position: number): void {
    this.#words[RESUME_DATAGRAM] = datagram;
    this.#words[RESUME_POSITION] = position;
  }

  /** Packets that the filter passed, dropped, and failed on, since the slot was dispatched. */
  get passed(): number {
    return this.#words[PASSED]!;
  }
  get dropped(): number {
    return this.#words[DROPPED]!;
  }
  get failed(): number {
    return this.#words[FAILED]!;
  }

  /** Clears all words but the state, and sets the kind. */
  clear(kind: number): void {
    this.#words.fill(0, KIND);
    this.#words[KIND] = kind;
    this.#words[SKIP_DATAGRAM] = NO_PACKET;
    this.#words[CURRENT_POSITION] = NO_PACKET;
  }

  /** Datagram with a packet that bypasses the filter; {@linkcode NO_PACKET} for none. */
  get skipDatagram(): number {
    return this.#words[SKIP_DATAGRAM]!;
  }

  /** Offset of that packet. */
  get skipPosition(): number {
    return this.#words[SKIP_POSITION]!;
  }

  /** Sets a packet that bypasses the filter and follows `on_error`. */
  skip(datagram: number, position: number): void {
    this.#words[SKIP_DATAGRAM] = datagram;
    this.#words[SKIP_POSITION] = position;
  }

  /** Datagram with the packet of the filter's current or last call. */
  get currentDatagram(): number {
    return this.#words[CURRENT_DATAGRAM]!;
  }
  set currentDatagram(datagram: number) {
    this.#words[CURRENT_DATAGRAM] = datagram;
  }

  /** Offset of the packet of the filter's current call; {@linkcode NO_PACKET} outside of a call. */
  get currentPosition(): number {
    return this.#words[CURRENT_POSITION]!;
  }
  set currentPosition(position: number) {
    this.#words[CURRENT_POSITION] = position;
  }

  /** Resets counts and areas; the datagrams stay. */
  clearResults(): void {
    this.#words.fill(0, PASSED, this.#datagrams);
  }

  /** Adds a datagram in the slot's memory. */
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

  /** Returns the index of a datagram's source. */
  sourceOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + SOURCE]!;
  }
  /** Returns the offset of a datagram. */
  offsetOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + OFFSET]!;
  }
  /** Returns the length of a datagram in bytes. */
  sizeOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + SIZE]!;
  }
  /** Returns the time of reception: whole seconds since the Unix epoch. */
  secondsOf(datagram: number): number {
    const at = this.#datagram(datagram);
    return secondsOf(this.#words[at + SECONDS_HIGH]!, this.#words[at + SECONDS]! >>> 0);
  }
  /** Returns the nanoseconds of that second. */
  nanosecondsOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + NANOSECONDS]!;
  }

  /** Returns the number of messages that the sandbox must have read before the datagram. */
  messagesOf(datagram: number): number {
    return this.#words[this.#datagram(datagram) + MESSAGES]!;
  }

  /** Writes the report of a datagram. */
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

  /** Reads the report of a datagram. */
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

  /** Adds to the counts of the filter's decisions. */
  countVerdicts(passed: number, dropped: number, failed: number): void {
    this.#words[PASSED]! += passed;
    this.#words[DROPPED]! += dropped;
    this.#words[FAILED]! += failed;
  }

  /** Returns the bytes in an output's area. */
  lengthOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + LENGTH]!;
  }
  /** Returns the packets in an output's area. */
  packetsOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + PACKETS]!;
  }
  /** Returns the packets that the output's format cannot hold. */
  unfitOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + UNFIT_PACKETS]!;
  }
  /** Returns the packets that were not sent to the output. */
  filteredOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + FILTERED]!;
  }
  /** Returns the lines of the script itself in an output's area. */
  emittedOf(output: number): number {
    return this.#words[SLOT_WORDS + output * AREA_WORDS + EMITTED]!;
  }

  /** Writes the counts of an output's area. */
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

/** Counts of an output's area. */
export interface OutputCounts {
  /** Bytes. */
  length: number;
  packets: number;
  /** Packets that its format cannot hold. */
  unfit: number;
  /** Packets that were not sent to it. */
  filtered: number;
  /** Lines of the script itself. */
  emitted: number;
}

/** Datagram in a slot's memory. */
export interface SlotDatagram {
  /** Index of its source. */
  source: number;
  /** Offset, a multiple of 4. */
  offset: number;
  /** Its length in bytes. */
  size: number;
  /** Time of reception: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds of that second. */
  nanoseconds: number;
  /** Messages that the sandbox must have read before it. */
  messages: number;
}

/** Report of a sandbox about a datagram. */
export interface DatagramReport {
  /** Packets, malformed ones included. */
  received: number;
  /** Malformed packets. */
  malformed: number;
  /** Missing sequence numbers between its first and its last packet. */
  lost: number;
  /** Sequence number of its first packet; -1 if no packet has one. */
  firstSeq: number;
  /** Sequence number after its last packet; -1 if no packet has one. */
  nextSeq: number;
}
