/**
 * Limits of what is followed in a script, so that each text is read in a time that grows with its
 * length, and no faster.
 *
 * @module
 */

import { RuleError } from "./log_target.ts";

/** The most words of a rule; iptables-restore takes 255 (MAX_ARGC in iptables/xshared.h). */
export const WORDS_MAX = 1000;
/** The longest value of a variable, in characters, with the variables in it filled in. */
export const VALUE_MAX = 0x1_0000;
/** How deep variables may stand in values, functions be called, texts stand in texts. */
export const DEPTH_MAX = 8;
/** The most values of a variable that are told apart; more come from a list that is no firewall's. */
export const VALUES_MAX = 64;

/** Steps that a script may take, of any length and per character; a step is about 0.1 µs. */
const STEPS_LEAST = 4_000_000;
const STEPS_PER_CHARACTER = 16;
/** Steps of a command that a call runs, and of a script in a script, whole and per character. */
export const COMMAND_STEPS = 400;
export const TEXT_STEPS = 10;

/** A script whose variables or functions take too long to follow. */
export class BoundError extends Error {
  override readonly name = "BoundError";
}

/** Counts the steps that following variables and functions takes, over all texts of a script. */
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

/** Requires that what is filled in is short enough. */
export function requireLength(length: number): void {
  if (length <= VALUE_MAX) return;
  throw new RuleError(
    `with its variables filled in, this is longer than ${VALUE_MAX} characters; ` +
      "write the rule out",
  );
}
