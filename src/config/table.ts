/** Tables of a configuration: their types and their options. */

import type { ConfigProblem } from "../errors.ts";
import { checkTable, type Entries, isTable, type OptionsOf, suggestion } from "../schema.ts";
import { camelCaseKeys, snakeCaseEntries } from "./spelling.ts";

/** One source or output. */
export interface Part {
  /** Its name, in messages and counters. */
  name: string;
  /** Its type, as in `nflog`. */
  type: string;
  /** Of a source: names of the outputs that its packets go to; all where it is absent. */
  outputs?: string[];
  /** Of an output: expression that chooses its packets; all where it is absent. */
  where?: string;
  /** Its checked options. */
  options: Record<string, unknown>;
}

/**
 * Returns the type that a table names.
 *
 * @param table What the user wrote.
 * @param byDefault The type of a table that names none; undefined if it must.
 * @param place Where the table stands, as in `source[0]`.
 * @param known The types there are.
 * @param problems Takes what is wrong.
 * @returns The type; undefined if there is no such type.
 */
export function typeOf(
  table: unknown,
  byDefault: string | undefined,
  place: string,
  known: readonly string[],
  problems: ConfigProblem[],
): string | undefined {
  if (!isTable(table)) {
    problems.push({ key: place, message: "must be a table" });
    return undefined;
  }
  const type = table.type ?? byDefault;
  if (typeof type === "string" && known.includes(type)) return type;
  problems.push({
    key: `${place}.type`,
    message: type === undefined
      ? `is missing; there is ${known.map((name) => `"${name}"`).join(", ")}`
      : `there is no type ${JSON.stringify(type)}${suggestion(String(type), known)}`,
  });
  return undefined;
}

/**
 * Checks one table as a configuration file spells it.
 *
 * @param entries The options there are, as programs spell them.
 * @param table What the user wrote.
 * @param place Where it stands.
 * @param problems Takes what is wrong.
 * @returns The options that are right, as programs spell them.
 */
export function checkOptions<E extends Entries>(
  entries: E,
  table: unknown,
  place: string,
  problems: ConfigProblem[],
): OptionsOf<E> {
  const checked = checkTable(snakeCaseEntries(entries), table, place);
  problems.push(...checked.problems);
  return camelCaseKeys(checked.options) as OptionsOf<E>;
}
