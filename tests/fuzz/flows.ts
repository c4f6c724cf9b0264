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
import { BEFORE, requireSame, SIZE, Surroundings } from "./check.ts";
import { damaged, LONGEST } from "./datagrams.ts";
import { Random } from "./random.ts";

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

/** Checks datagrams, one after the other. */
export class FlowCheck {
  /** Flows and malformed events so far. */
  flows = 0;
  malformed = 0;
  readonly #amongZeros = new Surroundings(new Uint8Array(SIZE));
  readonly #amongNoise = new Surroundings(new Random(1).bytes(SIZE));

  /**
   * Decodes a datagram among zeros and among noise, and compares everything visible.
   *
   * @throws {Error} If an invariant is violated.
   */
  datagram(bytes: Uint8Array): void {
    requireSame(this.#outcome(bytes, this.#amongZeros), this.#outcome(bytes, this.#amongNoise));
  }

  #outcome(bytes: Uint8Array, surroundings: Surroundings): unknown[] {
    const decoder = new ConntrackDecoder();
    const seen: unknown[] = [];
    let flows = 0;
    decoder.begin(surroundings.around(bytes), BEFORE, bytes.length, 1_700_000_000, 5);
    for (const raw = new RawFlow(); decoder.next(raw);) {
      flows++;
      const flow = new Flow(raw);
      const facts = observeFlow(flow);
      requireSame(facts, observeFlow(flow.copy()));
      if (parseFlow(JSON.stringify(flow)) === undefined) throw new Error("A form that is none");
      seen.push("flow", ...facts);
    }
    const { received, malformed } = decoder;
    if (received !== flows + malformed) {
      throw new Error(`Received ${received}, and ${flows} flows, ${malformed} malformed`);
    }
    this.flows += flows;
    this.malformed += malformed;
    seen.push("received", received, "malformed", malformed);
    return seen;
  }
}
