/**
 * Invariants of decoders of records other than packets.
 *
 * @module
 */

import type { Decoder } from "../../src/record/decoder.ts";
import { BEFORE, requireSame, SIZE, Surroundings } from "./check.ts";
import { Random } from "./random.ts";

/** A record for programs. */
interface Face<Self> {
  copy(): Self;
}

/** A kind of record. */
export interface CheckedKind<Raw, Record extends Face<Record>> {
  makeDecoder(): Decoder<Raw>;
  makeRaw(): Raw;
  face(raw: Raw): Record;
  /** Lists everything visible of a record. */
  observe(record: Record): unknown[];
  /** Returns the structured form that a text holds; undefined if it holds none. */
  parse(json: string): unknown;
}

/** Checks datagrams, one after the other. */
export class RecordCheck<Raw, Record extends Face<Record>> {
  /** Records and malformed messages so far. */
  records = 0;
  malformed = 0;
  readonly #kind: CheckedKind<Raw, Record>;
  readonly #amongZeros = new Surroundings(new Uint8Array(SIZE));
  readonly #amongNoise = new Surroundings(new Random(1).bytes(SIZE));

  constructor(kind: CheckedKind<Raw, Record>) {
    this.#kind = kind;
  }

  /**
   * Decodes a datagram among zeros and among noise, and compares everything visible.
   *
   * @throws {Error} If an invariant is violated.
   */
  datagram(bytes: Uint8Array): void {
    requireSame(this.#outcome(bytes, this.#amongZeros), this.#outcome(bytes, this.#amongNoise));
  }

  #outcome(bytes: Uint8Array, surroundings: Surroundings): unknown[] {
    const { makeDecoder, makeRaw, face, observe, parse } = this.#kind;
    const decoder = makeDecoder();
    const seen: unknown[] = [];
    let records = 0;
    decoder.begin(surroundings.around(bytes), BEFORE, bytes.length, 1_700_000_000, 5);
    for (const raw = makeRaw(); decoder.next(raw);) {
      records++;
      const record = face(raw);
      const facts = observe(record);
      requireSame(facts, observe(record.copy()));
      if (parse(JSON.stringify(record)) === undefined) throw new Error("A form that is none");
      seen.push("record", ...facts);
    }
    const { received, malformed } = decoder;
    if (received !== records + malformed) {
      throw new Error(`Received ${received}, and ${records} records, ${malformed} malformed`);
    }
    this.records += records;
    this.malformed += malformed;
    seen.push("received", received, "malformed", malformed);
    return seen;
  }
}
