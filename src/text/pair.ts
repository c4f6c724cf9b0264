/** Fields of the lines that a filter script writes. */

import { jsonLine } from "./escape.ts";

/**
 * Formats a field: `NAME=value`; a value with spaces or quotes is quoted, as in JSON.
 *
 * @example
 * ```ts
 * import { pairText } from "./pair.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pairText(["EVENT", "port scan"]), 'EVENT="port scan"');
 * ```
 */
export function pairText([name, value]: readonly [name: string, value: string]): string {
  const word = name.replaceAll(/[^\w.-]/g, "_");
  return /^[^\s"=\\\p{C}]*$/u.test(value) ? `${word}=${value}` : `${word}=${jsonLine(value)}`;
}
