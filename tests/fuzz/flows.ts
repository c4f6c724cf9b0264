/**
 * Malformed datagrams of connection tracking, and their invariants.
 *
 * @module
 */

import { Flow } from "../../src/flow/flow.ts";
import { RawFlow } from "../../src/flow/raw_flow.ts";
import { parseFlow } from "../../src/flow/structured_schema.ts";
import { ConntrackDecoder } from "../../src/source/conntrack/decoder.ts";
import { observeFlow } from "../flow/sample.ts";
import { concat } from "../packet/sample.ts";
import { EVENTS } from "../source/conntrack/events.ts";
import { event, everyAttribute, nested, numberedFlow } from "../source/conntrack/sample.ts";
import { damaged, LONGEST } from "./datagrams.ts";
import type { Random } from "./random.ts";
import { RecordCheck } from "./record_check.ts";

const VALID: readonly Uint8Array[] = [
  ...Object.values(EVENTS),
  everyAttribute(),
  concat(everyAttribute(), numberedFlow(1), EVENTS.icmpDestroy),
];

/** One datagram after the other, at random. */
export class FlowDatagrams {
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
      type: random.below(30),
      value: random.bytes(random.pick([0, 1, 2, 4, 8, 16, random.below(60)])),
    });
    const attributes = Array.from(
      { length: 1 + random.below(8) },
      () =>
        random.below(2) === 0
          ? attribute()
          : nested(random.below(24), attribute(), nested(random.below(4), attribute())),
    );
    return event(attributes, { type: random.pick([0x100, 0x102]) });
  }
}

/** Checks flows. */
export class FlowCheck extends RecordCheck<RawFlow, Flow> {
  constructor() {
    super({
      makeDecoder: () => new ConntrackDecoder(),
      makeRaw: () => new RawFlow(),
      face: (raw) => new Flow(raw),
      observe: observeFlow,
      parse: parseFlow,
    });
  }
}
