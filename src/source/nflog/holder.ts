/** Holders of groups. Pure. */

import { type Finding, fix, note, ok } from "../../finding.ts";
import type { Process } from "./holder_reader.ts";

/** Process id of the service manager. */
const INIT = 1;

/** The process that has bound a group, as far as it is known. */
export interface Holder {
  /** Whether a socket has bound the group; undefined where neither kernel nor /proc tells. */
  isHeld: boolean | undefined;
  /** The socket's port id, where it is known. */
  portId?: number;
  /** The process that has the socket, where it is known. */
  process?: Process;
  /** Whether an nfscribe that runs with this configuration tells that it reads the group. */
  isRead: boolean;
  /** Whether the process runs with this configuration; undefined where nothing tells. */
  isOwn?: boolean | undefined;
}

/** Returns whether nfscribe can have a group, or has it already. */
export function holderFinding(name: string, holder: Holder): Finding {
  const { isHeld, portId, process, isRead, isOwn } = holder;
  const check = `group ${name}`;
  if (isHeld !== true) {
    return isRead && isHeld === false ? elsewhere(check) : ok(check, "no process holds it");
  }
  if (isRead) {
    return ok(check, process === undefined ? "the running nfscribe holds it" : own(process));
  }
  if (process !== undefined && runOf(process.words) !== undefined) {
    if (isOwn === true) return ok(check, own(process));
    return isOwn === undefined ? doubtful(check, process) : forgotten(check, process);
  }
  if (process?.pid === INIT && process.name === "systemd") return kept(check);
  const who = process !== undefined
    ? `${process.name} (process ${process.pid})`
    : portId !== undefined
    ? `a process that is not to be seen from here (port id ${portId})`
    : "another process; root may see which";
  return fix(
    check,
    `held by ${who}, which gets its packets: a group has one reader`,
    "stop that one, or give nfscribe a group of its own in the rule and in the configuration",
  );
}

/** Reports that the service manager keeps the socket of a service that does not run (`FDSTORE=1`). */
function kept(check: string): Finding {
  return note(
    check,
    "systemd keeps it for nfscribe.service, which is started again: packets wait in it",
    "where they should not, stop the service",
    ["systemctl stop nfscribe"],
  );
}

function own({ pid }: Process): string {
  return `nfscribe run holds it (process ${pid})`;
}

/** Names an nfscribe without its command line, where a database's URL may hold a password. */
function held({ pid, cwd }: Process): string {
  return `nfscribe run holds it (process ${pid}${cwd === undefined ? "" : `, in ${cwd}`})`;
}

/** Reports another nfscribe, with a configuration of its own. */
function forgotten(check: string, process: Process): Finding {
  return fix(
    check,
    `another ${held(process)}, which gets its packets: a group has one reader`,
    "stop that one if it was forgotten, or give this one a group of its own in the rule and in " +
      "the configuration",
    [`kill ${process.pid}`],
  );
}

/** Reports an nfscribe that may or may not be the one that is meant. */
function doubtful(check: string, process: Process): Finding {
  return {
    ...note(check, `${held(process)}, and gets its packets`, "stop that one if it was forgotten", [
      `kill ${process.pid}`,
    ]),
    doubt: `process ${process.pid} was forgotten`,
  };
}

/** Reports that the nfscribe that answers holds the group of another network namespace. */
function elsewhere(check: string): Finding {
  return fix(
    check,
    "no process holds it here, and the nfscribe that answers says that it reads it: that one is in " +
      "another network namespace, and gets the packets of that",
    "ask the doctor there, or start an nfscribe here",
  );
}

/**
 * Returns the words after `nfscribe run` in a command line: of one that is compiled,
 * bundled, or a program of Deno's.
 *
 * @returns Its options; undefined where it is something else.
 */
export function runOf(words: readonly string[]): readonly string[] | undefined {
  const program = words.findIndex((word) => /(^|\/)(main\.ts|nfscribe(\.js)?)$/.test(word));
  return program >= 0 && words[program + 1] === "run" ? words.slice(program + 2) : undefined;
}
