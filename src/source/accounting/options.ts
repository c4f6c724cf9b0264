/** Options of an accounting source. */

import {
  described,
  type Entries,
  list,
  omittable,
  optional,
  type OptionsOf,
  someOf,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";
import { netnsEntry } from "../netns.ts";

/** Kinds of objects that a source may read. */
export const OBJECTS = ["nfacct", "nft"] as const;

/** Options of an accounting source. */
export const accountingEntries = {
  intervalSeconds: described(
    "Seconds between two readings of the objects.",
    optional(wholeNumber(1, 86_400), 10),
  ),
  objects: described(
    "Kinds of objects to read: those of nfacct, and named counters of nftables (nft); those that the kernel has if left out.",
    omittable(someOf(OBJECTS, 1)),
  ),
  names: described(
    "Patterns of names of objects to read, in which * stands for any text and ? for one character; all if left out.",
    omittable(list('patterns of names, as in ["web*"]')),
  ),
  reset: described(
    "Whether each reading sets the objects to 0, each at once with its reading; else records have the difference to the last reading.",
    optional(yesOrNo(), false),
  ),
  unchanged: described(
    "Whether objects that have counted nothing since the last reading have a record, too.",
    optional(yesOrNo(), true),
  ),
  netns: netnsEntry,
} satisfies Entries;

/** Checked options of the source. */
export type AccountingOptions = OptionsOf<typeof accountingEntries>;
