/** `user`, `group`: whom nfscribe acts for once everything is open. */

import type { ConfigProblem } from "../errors.ts";
import { described, type Entries, omittable, type OptionsOf, textOrNumber } from "../schema.ts";

/** The largest number of a user or a group: the one above means "no change" (setresuid(2)). */
const ID_MAX = 0xffff_fffe;

/** Options outside of tables that name user and group. */
export const userEntries = {
  user: described(
    "The user that nfscribe becomes once everything is open, by name or number; the one who started it " +
      "if left out. Files and folders that it makes belong to that user.",
    omittable(textOrNumber("a user's name or a number")),
  ),
  group: described(
    "The group that it becomes a member of, by name or number; the user's primary one if left out.",
    omittable(textOrNumber("a group's name or a number")),
  ),
} satisfies Entries;

/** The user that nfscribe becomes once everything is open. */
export type UserOptions = OptionsOf<typeof userEntries>;

/** Returns problems of options that are right one by one. */
export function userProblems({ user, group }: UserOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (group !== undefined && user === undefined) {
    problems.push({ key: "group", message: 'is of no use alone; add user = "NAME"' });
  }
  if (user === 0 || user === "root") {
    problems.push({
      key: "user",
      message: 'is root, who may do everything; name another user, as "nobody", or leave it out',
    });
  }
  for (const [key, value] of Object.entries({ user, group })) {
    if (typeof value === "number" && value > ID_MAX) {
      problems.push({ key, message: `must be a number from 0 to ${ID_MAX}, not ${value}` });
    }
  }
  return problems;
}
