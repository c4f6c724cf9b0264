/**
 * The option that names a network namespace.
 *
 * @module
 */

import { described, omittable, type Schema, textOrNumber } from "../schema.ts";

/** A path such as `/run/netns/blue`, or the id of a process in the namespace. */
export const netnsEntry: Schema<string | number | undefined> = described(
  "The network namespace that the group is in, as in /run/netns/blue, or a process id.",
  omittable(textOrNumber("a network namespace's path, or a process id")),
);
