/**
 * What a check finds.
 *
 * @module
 */

/** Whether something has to be done: `fix` only; `skipped` could not be looked at, for what another one says. */
export type State = "ok" | "note" | "fix" | "skipped";

/** What one check found. */
export interface Finding {
  /** What was looked at, as in `group nflog:1`. */
  check: string;
  /** Whether something has to be done. */
  state: State;
  /** What there is, or what is wrong. */
  message: string;
  /** What to do; absent where all is well. */
  fix?: string;
  /** What to type for that. */
  commands?: readonly string[];
  /** What the last line says of it where all is well; absent for nothing. */
  summary?: string;
  /** What would be wrong nevertheless, and only people can tell; absent for nothing. */
  doubt?: string;
}

/** All is well. */
export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

/** Something has to be done. */
export function fix(
  check: string,
  message: string,
  what: string,
  commands: readonly string[] = [],
): Finding {
  return { check, state: "fix", message, ...advice(what, commands) };
}

/** Nothing has to be done, but it may explain something. */
export function note(
  check: string,
  message: string,
  what?: string,
  commands: readonly string[] = [],
): Finding {
  return { check, state: "note", message, ...what !== undefined && advice(what, commands) };
}

/** It could not be looked at. */
export function skipped(check: string, why: string): Finding {
  return { check, state: "skipped", message: `not looked at: ${why}` };
}

function advice(fix: string, commands: readonly string[]): Pick<Finding, "fix" | "commands"> {
  return commands.length === 0 ? { fix } : { fix, commands };
}
