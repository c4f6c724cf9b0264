/** Severities of syslog messages (RFC 5424 section 6.2.1), which the journal has as priorities. */

import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

/** Severities by their number. */
export const SEVERITIES = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;

/** Severities by the place of an action in ACTIONS: drop, reject, accept, log. */
const BY_ACTION = [4, 4, 6, 6] as const;

/** Severity of what no action is known of. */
export const NOTICE = 5;

/** Returns the number of the severity that a packet has by its action. */
export function severityOf(packet: RawPacket): number {
  const action = packet.actions.find(packet);
  return action === ABSENT ? NOTICE : BY_ACTION[action]!;
}
