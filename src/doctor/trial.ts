/**
 * Whether packets arrive: groups are bound for a few seconds, or where nfscribe has
 * them, its counters are watched.
 */

import { capture, CAPTURED, captureOptions } from "../capture.ts";
import type { Part } from "../config/config.ts";
import { NetlinkError } from "../errors.ts";
import { type Finding, fix, ok, skipped } from "../finding.ts";
import { countersOf } from "./running.ts";

/** Interval of reading the counters, in milliseconds. */
const LOOK_MS = 100;
/** Longest time for which the kernel collects packets, in milliseconds; a person waits for one. */
const SOON_MS = 10;

/** Inputs of a trial. */
export interface Trial {
  /** Time to wait for packets, in seconds. */
  seconds: number;
  /** The socket of a running nfscribe; absent where none answers. */
  socket?: string;
}

/**
 * Waits for the first packet of a source.
 *
 * @param part The source.
 * @param trial How to look.
 */
export async function trialFinding(part: Part, trial: Trial): Promise<Finding> {
  const check = `packets ${part.name}`;
  if (part.type !== CAPTURED) return skipped(check, "only NFLOG groups are tried");
  const { socket, seconds } = trial;
  return socket === undefined
    ? await captured(check, part, seconds)
    : await counted(check, part.name, socket, seconds);
}

/** Binds the group and waits. */
async function captured(check: string, { options }: Part, seconds: number): Promise<Finding> {
  const start = performance.now();
  try {
    await using packets = await capture({
      ...captureOptions(options),
      queueTimeoutMs: SOON_MS,
      onWarning: () => {},
    });
    const timer = setTimeout(() => packets.close(), seconds * 1000);
    const { value: packet } = await packets.next();
    clearTimeout(timer);
    if (packet === undefined) return nothing(check, seconds);
    return ok(check, `the first came after ${passed(start)}: ${packet}`);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    return skipped(check, error.message);
  }
}

/** Watches what the running nfscribe receives. */
async function counted(
  check: string,
  name: string,
  socket: string,
  seconds: number,
): Promise<Finding> {
  const start = performance.now();
  const received = async () => (await countersOf(socket)).sources[name]?.received;
  try {
    const before = await received();
    if (before === undefined) return skipped(check, `the running nfscribe has no source ${name}`);
    for (;;) {
      const more = (await received() ?? before) - before;
      if (more > 0) {
        return ok(check, `the running nfscribe received ${more} after ${passed(start)}`);
      }
      if (performance.now() - start > seconds * 1000) return nothing(check, seconds);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } catch (error) {
    return skipped(check, `the running nfscribe stopped answering: ${(error as Error).message}`);
  }
}

function nothing(check: string, seconds: number): Finding {
  return fix(
    check,
    `none came in ${seconds} s`,
    "send something that a rule of this group matches, and try again",
  );
}

function passed(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
