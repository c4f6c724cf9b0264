/** Options of outputs that print ulogd's keys. */

import {
  described,
  type Entries,
  optional,
  type OptionsOf,
  someOf,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";

/** Filter plugins of ulogd whose keys can be printed, in the order of Debian's configuration. */
export const PLUGINS = ["BASE", "IFINDEX", "IP2STR", "HWHDR"] as const;

/** Options that choose the keys. */
export const keyEntries = {
  plugins: described(
    "ulogd's plugins whose keys are printed after those of NFLOG: BASE for headers, IFINDEX for " +
      "interface names, IP2STR for addresses as text, HWHDR for link headers.",
    optional(someOf(PLUGINS), PLUGINS),
  ),
  sequence: described(
    "Sequence numbers to print, as with seq_local and seq_global of ulogd's NFLOG plugin.",
    optional(someOf(["local", "global"]), []),
  ),
  label: described(
    "Number printed as raw.label: numeric_label of ulogd's NFLOG plugin.",
    optional(wholeNumber(0, 255), 0),
  ),
  sumTime: described(
    "Whether counters have oob.time.sec and oob.time.usec, as with timestamp=1 of ulogd's NFACCT " +
      "plugin.",
    optional(yesOrNo(), true),
  ),
} satisfies Entries;

/** Options that choose the keys. */
export type KeyOptions = OptionsOf<typeof keyEntries>;

/** Returns the options that a sandbox's encoder is made with. */
export function keyOptions({ plugins, sequence, label, sumTime }: KeyOptions): KeyOptions {
  return { plugins, sequence, label, sumTime };
}
