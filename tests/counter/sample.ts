/**
 * Counters for tests.
 *
 * @module
 */

import { Memory } from "../../src/bytes/memory.ts";
import { Counter } from "../../src/counter/counter.ts";
import { RawCounter } from "../../src/counter/raw_counter.ts";
import { AccountingDecoder } from "../../src/source/accounting/decoder.ts";

/** Time of readings: whole seconds. */
export const SECONDS = 1_795_852_354;

/** Decodes the counters of a datagram, each into memory of its own. */
export function decodeAll(
  datagram: Uint8Array,
  decoder: AccountingDecoder = new AccountingDecoder(),
  seconds: number = SECONDS,
): Counter[] {
  const memory = new Memory(new ArrayBuffer((datagram.length + 3) & ~3));
  memory.bytes.set(datagram);
  decoder.begin(memory, 0, datagram.length, seconds, 980_497_000);
  const counters: Counter[] = [];
  for (let raw = new RawCounter(); decoder.next(raw); raw = new RawCounter()) {
    counters.push(new Counter(raw));
  }
  return counters;
}

/** Decodes the one counter of a datagram. */
export function counterOf(datagram: Uint8Array, decoder?: AccountingDecoder): Counter {
  const [counter, ...others] = decodeAll(datagram, decoder);
  if (counter === undefined || others.length > 0) throw new Error("not one counter");
  return counter;
}

/** Lists everything visible of a counter. */
export function observeCounter(counter: Counter): unknown[] {
  const { time, seq, object, name, restarted } = counter;
  return [JSON.stringify(counter), `${counter}`, time, seq, object, name, restarted];
}

/** Returns the number in the name of an object; 0 if it has none. */
export function numberOf({ name }: Counter): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}
