/** A counter as a line of text, without time and host. */

import { Counter } from "../../counter/counter.ts";
import { counterText } from "../../counter/describe.ts";
import type { RawCounter } from "../../counter/raw_counter.ts";

/** Returns the line of a counter, as in `web packets=5 bytes=155 interval=10`. */
export function counterLine(raw: RawCounter): string {
  return counterText(new Counter(raw).toJSON());
}
