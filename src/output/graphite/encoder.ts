/**
 * The pure half of the Graphite output: encodes a counter as two lines of Carbon's plaintext protocol,
 * as ulogd's plugin GRAPHITE sends them.
 */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { ABSENT } from "../../packet/absent.ts";
import { defineEncoders } from "../../record/define.ts";
import { counterPath } from "../counter/path.ts";
import { CounterTextEncoder } from "../counter/text_encoder.ts";
import { bytesDigits, packetsDigits } from "../counter/total_digits.ts";

/** Options of the lines. */
export interface GraphiteLineOptions {
  /** Beginning of the metrics' names; empty for none. */
  prefix: string;
  /** Counts that are sent: as the kernel has them, or since the last reading. */
  counts: "total" | "interval";
}

const LATIN1 = new TextDecoder("latin1");

/** Encodes counters as lines. */
export class GraphiteEncoder extends CounterTextEncoder {
  /** Creates an encoder. */
  constructor({ prefix, counts }: GraphiteLineOptions) {
    const start = prefix === "" ? "" : `${prefix}.`;
    super((counter) => {
      const isTotal = counts === "total";
      const packets = isTotal ? packetsDigits(counter) : digitsOf(counter.packetCount);
      const bytes = isTotal ? bytesDigits(counter) : digitsOf(counter.byteCount);
      const name = `${start}${pathText(counter)}`;
      return lineOf(`${name}.pkts`, packets, counter) + lineOf(`${name}.bytes`, bytes, counter);
    });
  }
}

/** Returns the digits of a count; none if it is unknown. */
function digitsOf(count: number): string {
  return count === ABSENT ? "" : String(count);
}

/** Returns a line; none for a count that is unknown. */
function lineOf(name: string, digits: string, { receivedSeconds }: RawCounter): string {
  return digits === "" ? "" : `${name} ${digits} ${receivedSeconds}\n`;
}

/**
 * Returns the object's name, after that of its host where that is another one; what would end it or
 * begin tags, and what is no ASCII, becomes `_`.
 */
function pathText(counter: RawCounter): string {
  const path = LATIN1.decode(counterPath(counter));
  const { host } = counter;
  return (host === "" ? path : `${host.replaceAll(".", "_")}.${path}`)
    .replaceAll(/[^!-:<-~]/g, "_");
}

/** Encoders of the Graphite output. */
export const graphiteEncoders = defineEncoders<GraphiteLineOptions>({
  counter: (options) => new GraphiteEncoder(options),
});
