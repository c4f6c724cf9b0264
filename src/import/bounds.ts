/** Limits of the work on a script: the time to translate a text is proportional to its length. */

import { RuleError } from "./log_target.ts";

/** The most words of a rule; iptables-restore takes 255 (MAX_ARGC in iptables/xshared.h). */
export const WORDS_MAX = 1000;
/** The longest value of a variable, in characters, with its own variables expanded. */
export const VALUE_MAX = 0x1_0000;
/** The deepest nesting of variables, calls of functions, and texts. */
export const DEPTH_MAX = 8;
/** The most values of a variable; more come from a list that is not for a firewall. */
export const VALUES_MAX = 64;

/** Steps that a script may take, of any length and per character; a step is about 0.1 µs. */
const STEPS_LEAST = 4_000_000;
const STEPS_PER_CHARACTER = 16;
/** Steps of a command in a call, and per character of a script in a script. */
export const COMMAND_STEPS = 400;
export const TEXT_STEPS = 10;

/** Error of a script that takes too much work. */
export class BoundError extends Error {
  override readonly name = "BoundError";
}

/** Counts the steps of expanding variables and following calls, over all texts of a script. */
export class Steps {
  #left: number;

  /**
   * Starts counting.
   *
   * @param length Length of the script, in characters.
   */
  constructor(length: number) {
    this.#left = STEPS_LEAST + STEPS_PER_CHARACTER * length;
  }

  /**
   * Counts steps.
   *
   * @throws {BoundError} If there have been too many.
   */
  take(count: number): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw new BoundError(
      "what variables and functions stand for takes too many steps to follow; nothing from here " +
        "on is read: give the rules in parts, or give what iptables-save or nft list ruleset prints",
    );
  }
}

/** Requires that an expansion is short enough. */
export function requireLength(length: number): void {
  if (length <= VALUE_MAX) return;
  throw new RuleError(
    `with its variables filled in, this is longer than ${VALUE_MAX} characters; ` +
      "write the rule out",
  );
}
