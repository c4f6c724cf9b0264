/** Status that a sending host publishes about itself: one JSON object. Pure. */

import type { Counters } from "../../record/counters.ts";
import { isTable } from "../../schema.ts";

/** Format of a status. */
const VERSION = 1;
/** Size limit of a status, in bytes: a hundred sources take 10 kB. */
const SIZE_MAX = 65_536;

/** Largest count: sums of those of many hosts are exact, too. */
const COUNT_MAX = 2 ** 48;

/** Figures that a host reports about itself. */
export interface HostStatus {
  /** The host's name. */
  host: string;
  /** Run of the sender. */
  session: string;
  /** Whether it ends with this status. */
  isStopping: boolean;
  /** Records that its firewall logged. */
  logged: number;
  /** Records that its kernel lost. */
  lost: number;
  /** Records that it delivered. */
  sent: number;
}

/** Sender of a status. */
export interface StatusSender {
  /** The host's name. */
  host: string;
  /** Run of the sender. */
  session: string;
  /** Name of the output that sends. */
  output: string;
  /** Time of the start, in milliseconds since the Unix epoch. */
  startedMs: number;
  isStopping: boolean;
}

/**
 * Returns the text of a status.
 *
 * @param counters Counters of the sending process.
 * @param sender The sender.
 * @param timeMs Current time, in milliseconds since the Unix epoch.
 */
export function statusText(
  { sources, filter, outputs }: Counters,
  { output, ...sender }: StatusSender,
  timeMs: number,
): string {
  return JSON.stringify({
    version: VERSION,
    ...sender,
    timeMs,
    sources,
    filter,
    output: outputs[output] ?? {},
  });
}

/**
 * Parses a status.
 *
 * @param bytes Text in UTF-8, from any sender.
 * @returns The status; undefined if it is none.
 */
export function parseStatus(bytes: Uint8Array): HostStatus | undefined {
  if (bytes.length > SIZE_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (!isTable(value) || value.version !== VERSION) return undefined;
  const { host, session, isStopping, sources, output } = value;
  if (typeof host !== "string" || host === "" || typeof session !== "string") return undefined;
  if (!isTable(sources) || !isTable(output) || !isCount(output.written)) return undefined;
  let [received, lost] = [0, 0];
  for (const source of Object.values(sources)) {
    if (!isTable(source) || !isCount(source.received) || !isCount(source.lost)) return undefined;
    received += source.received;
    lost += source.lost;
  }
  return {
    host,
    session,
    isStopping: isStopping === true,
    logged: received + lost,
    lost,
    sent: output.written,
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= COUNT_MAX;
}
