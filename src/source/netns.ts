/** The option that names a network namespace. */

import { described, omittable, type Schema, textOrNumber } from "../schema.ts";

/** A path such as `/run/netns/blue`, or the id of a process in the namespace. */
export const netnsEntry: Schema<string | number | undefined> = described(
  "The network namespace to read in, as in /run/netns/blue, or a process id.",
  omittable(textOrNumber("a network namespace's path, or a process id")),
);

/** A network namespace: its path, or the id of a process in it; undefined for this process's own. */
export type Netns = string | number | undefined;
