/** Keys of a counter as ulogd 2.0.8's plugin NFACCT sets them, in their order. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { ascii } from "../../text/line.ts";
import { counterPath } from "../counter/path.ts";
import { bytesDigits, packetsDigits } from "../counter/total_digits.ts";
import { Key, type KeyFormat } from "./key.ts";

const NAME = new Key("sum.name");
const PACKETS = new Key("sum.pkts");
const BYTES = new Key("sum.bytes");
const SUM = new Key("sum");
const SECONDS = new Key("oob.time.sec");
const MICROSECONDS = new Key("oob.time.usec");

/** The most bytes of all keys besides the name and its escapes. */
export const COUNTER_KEYS_MAX = 256;

/** A format of counters. */
export interface CounterFormat extends Pick<KeyFormat, "number" | "pointer" | "prefix"> {
  /** Takes an integer of up to 64 bits as decimal digits. */
  digits(key: Key, digits: Uint8Array): void;
}

/** Returns the length of the name that the keys have. */
export function counterNameLength(counter: RawCounter): number {
  return counterPath(counter).length;
}

/**
 * Writes the keys of a counter in ulogd's order.
 *
 * @param hasTime Whether they have the time, as with `timestamp=1` of the plugin.
 */
export function writeCounterKeys(
  format: CounterFormat,
  counter: RawCounter,
  hasTime: boolean,
): void {
  const name = counterPath(counter);
  format.prefix(NAME, name, 0, name.length);
  format.digits(PACKETS, ascii(packetsDigits(counter)));
  format.digits(BYTES, ascii(bytesDigits(counter)));
  format.pointer(SUM);
  if (!hasTime) return;
  format.number(SECONDS, counter.receivedSeconds);
  format.number(MICROSECONDS, (counter.receivedNanoseconds / 1000) | 0);
}
