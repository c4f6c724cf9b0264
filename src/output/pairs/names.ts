/** Names of the pairs that a record may have: those at the top of the structured form. */

import { TOP_FIELDS } from "../json/fields.ts";

/** The names, in the order of a record; formats with pairs name the host themselves. */
export const PAIR_NAMES = [
  ...TOP_FIELDS.filter((name) => name !== "version" && name !== "host"),
  "extra" as const,
];

/** Name of a pair. */
export type PairName = typeof PAIR_NAMES[number];
