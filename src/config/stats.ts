/**
 * `[stats]`: where the counters of a running nfscribe can be asked for.
 *
 * @module
 */

import { described, type Entries, omittable, text } from "../schema.ts";

/** Where counters are told. */
export interface StatsOptions {
  /** The Unix socket that `nfscribe stats` asks; absent for none. */
  socket?: string;
}

/** What a configuration may say under `[stats]`. */
export const statsEntries = {
  socket: described(
    "The Unix socket that `nfscribe stats` asks; none if left out.",
    omittable(text("a socket's path, as in /run/nfscribe.sock")),
  ),
} satisfies Entries & { [Name in keyof StatsOptions]: unknown };
