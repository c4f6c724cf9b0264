/** Whether nfscribe runs with this configuration, and what it has counted. */

import { messageOf } from "../errors.ts";
import { needsOfSocket } from "../daemon/permissions.ts";
import { isGranted } from "../permission.ts";
import type { Counters } from "../daemon/telemetry/ledger.ts";
import { readCounters, type Stats } from "../daemon/telemetry/stats_client.ts";
import { type Finding, fix, note, ok, skipped } from "../finding.ts";

/** Time limit of an answer, in milliseconds. */
const DEADLINE_MS = 3000;

/** A running nfscribe. */
export interface Running {
  finding: Finding;
  /** Its counters; absent where none answers. */
  counters?: Counters;
}

/**
 * Asks the socket of the configuration.
 *
 * @param socket Its path; undefined where there is none.
 */
export async function askRunning(socket: string | undefined): Promise<Running> {
  const check = "running nfscribe";
  if (socket === undefined) {
    return {
      finding: note(check, "cannot be asked: the configuration has no [stats] with a socket"),
    };
  }
  if (!needsOfSocket(socket).every(isGranted)) {
    return { finding: skipped(check, `${socket} takes rights that are missing`) };
  }
  try {
    const counters = await countersOf(socket);
    return { finding: told(check, counters), counters };
  } catch (error) {
    return { finding: refused(check, socket, error) };
  }
}

/**
 * Asks the process that listens on a socket for its counters.
 *
 * @throws {Error} If it does not answer, or not with counters.
 */
export function countersOf(path: string): Promise<Stats> {
  return readCounters(path, DEADLINE_MS);
}

/** Returns what the counters of a running nfscribe tell. */
export function told(
  check: string,
  { sources, outputs, hosts, notes = [], problems = [] }: Stats,
): Finding {
  const figures = Object.entries(sources).map(([name, { received, lost }]) =>
    `${name} received ${received}, lost ${lost}`
  );
  const broken = Object.entries(outputs).filter(([, { failed, dropped }]) => failed + dropped > 0);
  const lost = Object.values(sources).some(({ lost }) => lost > 0);
  const message = [
    ...notes,
    ...figures,
    ...broken.map(([name, { failed, dropped }]) => `${name} failed ${failed}, dropped ${dropped}`),
  ].join("; ");
  if (problems.length > 0) {
    return fix(check, problems.join("; "), "solve that; nfscribe tries again by itself");
  }
  if (!lost && broken.length === 0) return ok(check, message);
  const advice = lost && hosts !== undefined
    ? "nfscribe stats tells at which host; raise buffer_size there, or log less"
    : lost
    ? "raise buffer_size of the source, or log less; docs/monitoring.md tells more"
    : "nfscribe's log tells why; failed packets are of a kind that the format cannot hold";
  return note(check, message, advice);
}

function refused(check: string, socket: string, error: unknown): Finding {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
    return { ...note(check, `none answers at ${socket}`), summary: "nfscribe is not running" };
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return skipped(check, `${socket} is for the user that runs nfscribe`);
  }
  const why = messageOf(error);
  return fix(
    check,
    `${socket} does not answer as nfscribe does: ${why}`,
    "see who listens there; if it is nfscribe, start it again",
  );
}
