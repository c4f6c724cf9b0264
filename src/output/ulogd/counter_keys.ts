/** Keys of a counter as ulogd 2.0.8's plugin NFACCT sets them, in their order. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { counterPath } from "../counter/path.ts";
import { Key, type KeyFormat } from "./key.ts";

const NAME = new Key("sum.name");
const PACKETS = new Key("sum.pkts");
const BYTES = new Key("sum.bytes");
const SUM = new Key("sum");
const SECONDS = new Key("oob.time.sec");
const MICROSECONDS = new Key("oob.time.usec");

/** The most bytes of all keys besides the name and its escapes. */
export const COUNTER_KEYS_MAX = 256;

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
  format: Pick<KeyFormat, "number" | "pointer" | "prefix">,
  counter: RawCounter,
  hasTime: boolean,
): void {
  const name = counterPath(counter);
  format.prefix(NAME, name, 0, name.length);
  format.number(PACKETS, counter.totalPackets);
  format.number(BYTES, counter.totalBytes);
  format.pointer(SUM);
  if (!hasTime) return;
  format.number(SECONDS, counter.receivedSeconds);
  format.number(MICROSECONDS, (counter.receivedNanoseconds / 1000) | 0);
}
