/** Options of the queue in front of an output. */

import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  wholeNumber,
} from "../schema.ts";

/** Options of outputs without a spool of their own about packets that they cannot take yet. */
export const queueEntries = {
  whenBehind: described(
    "What happens to packets that the output cannot take yet, when its queue is full: block " +
      "lets all wait for it, and the kernel's buffer fill; drop lets them go, and counts them; " +
      "spool keeps them on disk. Left out: spool where there is one, block where it is the only " +
      "output or all sources are capture files, otherwise drop.",
    omittable(oneOf(["block", "drop", "spool"])),
  ),
  queueSize: described(
    "How much may wait in memory, in bytes.",
    optional(wholeNumber(524_288, 1_073_741_824), 8_388_608),
  ),
  spool: described(
    "A folder where packets wait that the output cannot take yet, across restarts too; none if left out.",
    omittable(path("folder", "a folder's path")),
  ),
  spoolLimit: described(
    "How much may wait in the spool, in bytes.",
    optional(wholeNumber(1_048_576, 1_099_511_627_776), 1_073_741_824),
  ),
} satisfies Entries;

/** Options of a queue in front of an output. */
export type QueueOptions = OptionsOf<typeof queueEntries>;

/** The same of outputs that spool everything. */
export const spoolingEntries: Entries = {
  whenBehind: described(
    "What happens to packets that the output cannot take yet: spool keeps them on disk.",
    omittable(oneOf(["spool"])),
  ),
};
