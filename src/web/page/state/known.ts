/** Values that records were seen to have, which the search line offers. */

import type { Row, Top } from "../api/types.ts";
import type { KnownValues } from "../search/completion.ts";

/** Most values of a field. */
const KEPT = 100;

const sets: Record<keyof KnownValues, Set<string>> = {
  prefix: new Set(),
  in: new Set(),
  out: new Set(),
  capture: new Set(),
  host: new Set(),
  port: new Set(),
  uid: new Set(),
};

/** Returns the values by field, in the order in which they were seen. */
export function knownValues(): KnownValues {
  return Object.fromEntries(
    Object.entries(sets).map(([field, values]) => [field, [...values]]),
  ) as unknown as KnownValues;
}

/** Keeps values of the lists of the most frequent ones. */
export function keepTop({ lists }: Top): void {
  const fields: [keyof KnownValues, (keyof Top["lists"])[]][] = [
    ["host", ["source", "destination"]],
    ["port", ["destinationPort"]],
    ["prefix", ["prefix"]],
    ["in", ["in"]],
    ["out", ["out"]],
    ["uid", ["uid"]],
  ];
  for (const [field, keys] of fields) {
    for (const key of keys) for (const { value } of lists[key] ?? []) keep(field, value);
  }
}

/** Keeps values of rows. */
export function keepRows(rows: readonly Row[]): void {
  for (const row of rows) {
    if (row.capture !== undefined) keep("capture", row.capture);
    if (row.type !== "packet") continue;
    const { prefix } = row;
    if (prefix !== undefined) keep("prefix", prefix);
    if (row.in !== undefined) keep("in", row.in);
    if (row.out !== undefined) keep("out", row.out);
  }
}

function keep(field: keyof KnownValues, value: string): void {
  if (value !== "" && sets[field].size < KEPT) sets[field].add(value);
}
