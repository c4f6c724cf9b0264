/** Findings of checks. */

/** Whether something has to be done: `fix` only; `skipped` could not be looked at, for what another one says. */
export type State = "ok" | "note" | "fix" | "skipped";

/** The finding of one check. */
export interface Finding {
  /** The subject, as in `group nflog:1`. */
  check: string;
  /** Whether something has to be done. */
  state: State;
  /** The state, or the problem. */
  message: string;
  /** The remedy; absent where all is well. */
  fix?: string;
  commands?: readonly string[];
  /** Its part of the last line where all is well; absent for none. */
  summary?: string;
  /** A possible fault that only people can judge; absent for none. */
  doubt?: string;
}

/** Makes a finding: all is well. */
export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

/** Makes a finding: something has to be done. */
export function fix(
  check: string,
  message: string,
  what: string,
  commands: readonly string[] = [],
): Finding {
  return { check, state: "fix", message, ...advice(what, commands) };
}

/** Makes a finding: nothing has to be done, but it may explain something. */
export function note(
  check: string,
  message: string,
  what?: string,
  commands: readonly string[] = [],
): Finding {
  return { check, state: "note", message, ...what !== undefined && advice(what, commands) };
}

/** Makes a finding: the check was not possible. */
export function skipped(check: string, why: string): Finding {
  return { check, state: "skipped", message: `not looked at: ${why}` };
}

function advice(fix: string, commands: readonly string[]): Pick<Finding, "fix" | "commands"> {
  return commands.length === 0 ? { fix } : { fix, commands };
}
