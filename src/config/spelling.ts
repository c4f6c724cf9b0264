/** Options and tables as configuration files spell them. */

import type { Entries } from "../schema.ts";
import { camelCase, snakeCase } from "../text/spelling.ts";

/** Options as configuration files spell them. */
export function snakeCaseEntries(entries: Entries): Entries {
  return Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => [snakeCase(name), schema]),
  );
}

/** Converts the keys of a table to camel case. */
export function camelCaseKeys(table: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [camelCase(name), value]));
}
