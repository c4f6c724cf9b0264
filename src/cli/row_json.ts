/** Packets as JSON, with the values that a filter attached. Pure. */

import { escaped, jsonLine } from "../text/escape.ts";

/**
 * Returns an object as JSON in one line.
 *
 * @param fields The object; fields that are undefined are left out.
 * @param attached Fields that a filter attached, in JSON, whose whole numbers may be too large
 * for JavaScript.
 *
 * @example
 * ```ts
 * import { rowJson } from "./row_json.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rowJson({ number: 1 }, '{"n":12345678901234567890}'),
 *   '{"number":1,"attached":{"n":12345678901234567890}}');
 * ```
 */
export function rowJson(fields: object, attached: string | undefined): string {
  const row = jsonLine(fields);
  return attached === undefined ? row : `${row.slice(0, -1)},"attached":${escaped(attached)}}`;
}
