/**
 * Malformed readings of accounting objects, and their invariants.
 *
 * @module
 */

import { Counter } from "../../src/counter/counter.ts";
import { RawCounter } from "../../src/counter/raw_counter.ts";
import { parseCounter } from "../../src/counter/structured_schema.ts";
import * as c from "../../src/netlink/accounting/constants.ts";
import { EARLIER, WHOLE } from "../../src/netlink/accounting/marks.ts";
import { AccountingDecoder } from "../../src/source/accounting/decoder.ts";
import { observeCounter } from "../counter/sample.ts";
import { concat } from "../packet/sample.ts";
import { account, mark, named, object } from "../source/accounting/sample.ts";
import { nested } from "../source/conntrack/sample.ts";
import { damaged, LONGEST } from "./datagrams.ts";
import type { Random } from "./random.ts";
import { RecordCheck } from "./record_check.ts";

const web = (packets: number, reading: number) =>
  account("web", { packets, bytes: packets * 60, reading, quota: 9, flags: 5 });
const hits = (packets: number, reading: number) =>
  named("filter", "hits", { packets, bytes: packets * 60, reading });

const VALID: readonly Uint8Array[] = [
  web(1, 1),
  hits(1, 1),
  concat(
    ...[mark(EARLIER, 1), web(1, 1), hits(1, 1), mark(WHOLE, 1)],
    ...[web(9, 2), hits(0, 2), mark(WHOLE, 2), web(9, 3)],
  ),
];

/** One datagram after the other, at random. */
export class CounterDatagrams {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns the next datagram. */
  next(): Uint8Array {
    const random = this.#random;
    if (random.below(8) === 0) return this.#noiseBelowHeader();
    return damaged(random, VALID).subarray(0, LONGEST);
  }

  /** Returns correctly framed attributes with random values. */
  #noiseBelowHeader(): Uint8Array {
    const random = this.#random;
    const attribute = () => ({
      type: random.below(9),
      value: random.bytes(random.pick([0, 1, 4, 8, 8, random.below(60)])),
    });
    const attributes = Array.from(
      { length: 1 + random.below(8) },
      () => random.below(4) === 0 ? nested(random.below(9), attribute(), attribute()) : attribute(),
    );
    const type = random.pick([c.NFNL_MSG_ACCT_NEW, c.NFT_MSG_NEWOBJ]);
    return object(type, attributes, { family: random.below(256), reading: random.below(3) });
  }
}

/** Checks counters. */
export class CounterCheck extends RecordCheck<RawCounter, Counter> {
  constructor() {
    super({
      makeDecoder: () => new AccountingDecoder(),
      makeRaw: () => new RawCounter(),
      face: (raw) => new Counter(raw),
      observe: observeCounter,
      parse: parseCounter,
    });
  }
}
