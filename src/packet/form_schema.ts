/** Parts of the schemas of structured forms. */

import * as v from "valibot";

/** Returns the schema of a text. */
export const text = (description: string) => v.pipe(v.string(), v.description(description));

/** Returns the schema of an object. */
export const table = <Entries extends v.ObjectEntries>(description: string, entries: Entries) =>
  v.pipe(v.object(entries), v.description(description));

/** Returns the schema of a whole number from 0 on. */
export const upTo = (most: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most), v.description(description));

/** Returns the schema of an unsigned number with so many bits. */
export const bits = (count: number, description: string) => upTo(2 ** count - 1, description);

/**
 * Returns the form that a text holds, without fields that its schema does not have; undefined
 * where it holds none.
 *
 * @param json A text from another process.
 */
export function parseForm<Schema extends v.GenericSchema>(
  schema: Schema,
  json: string,
): v.InferOutput<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { success, output } = v.safeParse(schema, value);
  return success ? output : undefined;
}
