/**
 * One option, three spellings: `queueTimeoutMs` in programs, `queue_timeout_ms`
 * in configuration files, `--queue-timeout-ms` on the command line.
 */

import type { Entries } from "../schema.ts";

/** Converts `queueTimeoutMs` to `queue_timeout_ms`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Converts `queue_timeout_ms` to `queueTimeoutMs`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

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
