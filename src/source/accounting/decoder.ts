/** Decodes readings of accounting objects into counters. Pure. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { decodeAccount, decodeNamedCounter } from "../../netlink/accounting/attributes.ts";
import * as c from "../../netlink/accounting/constants.ts";
import {
  EARLIER,
  MARK_KIND,
  MARK_NANOSECONDS,
  MARK_SECONDS,
  MARK_SIZE,
  NLMSG_NOOP,
  WHOLE,
} from "../../netlink/accounting/marks.ts";
import { NLMSG_HDRLEN } from "../../netlink/message.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { Decoder } from "../../record/decoder.ts";
import { defineDecoder } from "../../record/define.ts";
import { MessageDecoder } from "../message_decoder.ts";
import { Names } from "./names.ts";
import { Tally } from "./tally.ts";

/** Options of a decoder. */
export interface DecoderOptions {
  /** Patterns of names; all if left out. */
  names?: readonly string[];
  /** Whether each reading sets the objects to 0. */
  reset?: boolean;
  /** Whether objects that have counted nothing make a record, too. */
  unchanged?: boolean;
}

/** Decodes the readings of a network namespace. One decoder must see all of a reading. */
export class AccountingDecoder extends MessageDecoder implements Decoder<RawCounter> {
  /** Always 0: the kernel keeps the counts. */
  readonly lost = 0;
  /** Always absent: counters have no sequence numbers. */
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  readonly #names: Names;
  readonly #isReset: boolean;
  readonly #hasUnchanged: boolean;
  readonly #tally = new Tally();
  /** Number of the earlier reading whose messages make no record, and its time; ABSENT if there is none. */
  #earlier = ABSENT;
  #earlierTime = ABSENT;
  /** Whether the counts of that reading are known already. */
  #isKnown = false;

  /** Creates a decoder. */
  constructor({ names, reset = false, unchanged = true }: DecoderOptions = {}) {
    super();
    this.#names = new Names(names);
    this.#isReset = reset;
    this.#hasUnchanged = unchanged;
  }

  /** Does nothing: counters have no sequence numbers. */
  forget(): void {}

  /**
   * Decodes the next object of the datagram.
   *
   * @param counter Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(counter: RawCounter): boolean {
    const { memory } = this;
    for (let at; (at = this.nextMessage()) !== ABSENT;) {
      const type = memory.halves[(at >> 1) + 2]!;
      const sequence = memory.words[(at >> 2) + 2]!;
      if (type === NLMSG_NOOP && this.messageEnd - at === MARK_SIZE) {
        this.#mark(at, sequence);
        continue;
      }
      if (type !== c.NFNL_MSG_ACCT_NEW && type !== c.NFT_MSG_NEWOBJ) continue;
      if (this.#isKnown && sequence === this.#earlier) continue;
      if (!this.#decode(counter, type, at + NLMSG_HDRLEN)) {
        this.countMalformed();
        continue;
      }
      counter.reading = sequence;
      if (!this.#names.has(counter.bytes, counter.nameOffset, counter.nameLength)) continue;
      if (!this.#count(counter)) continue;
      this.received++;
      return true;
    }
    return false;
  }

  /** Decodes the message after its netlink header; returns false if it is malformed. */
  #decode(counter: RawCounter, type: number, start: number): boolean {
    const { memory, messageEnd } = this;
    if (messageEnd - start < c.NFGENMSG_SIZE) return false;
    counter.reset(memory.bytes, start, messageEnd);
    counter.receivedSeconds = this.receivedSeconds;
    counter.receivedNanoseconds = this.receivedNanoseconds;
    const attributes = start + c.NFGENMSG_SIZE;
    if (type === c.NFNL_MSG_ACCT_NEW) return decodeAccount(counter, memory, attributes, messageEnd);
    counter.family = memory.bytes[start]!;
    return decodeNamedCounter(counter, memory, attributes, messageEnd);
  }

  /** Fills in the counts since the last reading; returns whether they make a record. */
  #count(counter: RawCounter): boolean {
    if (counter.reading === this.#earlier) {
      this.#tally.note(counter, this.#earlierTime);
      return false;
    }
    counter.isReset = this.#isReset;
    if (this.#isReset) this.#tally.take(counter, this.#time);
    else this.#tally.count(counter, this.#time);
    return this.#hasUnchanged || counter.packetCount !== 0 || counter.byteCount !== 0;
  }

  /** Begins the messages of an earlier reading, or ends a reading. */
  #mark(at: number, reading: number): void {
    const { words } = this.memory;
    const mark = words[(at + MARK_KIND) >> 2]!;
    if (mark === EARLIER) {
      this.#earlier = reading;
      this.#isKnown = this.#tally.isOf(reading);
      this.#earlierTime = microseconds(
        words[(at + MARK_SECONDS) >> 2]!,
        words[(at + MARK_NANOSECONDS) >> 2]!,
      );
      return;
    }
    const isEarlier = reading === this.#earlier;
    const time = isEarlier ? this.#earlierTime : this.#time;
    if (!isEarlier && this.#isReset) this.#tally.endReset(reading, time, mark === WHOLE);
    else if (!isEarlier || !this.#isKnown) this.#tally.end(reading, time, mark === WHOLE);
    this.#earlier = ABSENT;
    this.#isKnown = false;
  }

  /** Time of the reading, in microseconds since the Unix epoch. */
  get #time(): number {
    return microseconds(this.receivedSeconds, this.receivedNanoseconds);
  }
}

function microseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** Decoder of the accounting source. */
export const accountingDecoder = defineDecoder<DecoderOptions>({
  kind: "counter",
  make: (options) => new AccountingDecoder(options),
});
