/** Commands for tcpdump(8) about stored records. */

import type { StructuredFlow } from "../../flow/structured.ts";
import type { StoredPacket } from "../../output/table/stored_packet.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { conversationExpression, flowPacketsExpression } from "./expression.ts";

/**
 * Returns a command that shows further packets of the same flow, both directions.
 *
 * @returns Undefined for packets without addresses.
 */
export function tcpdumpCommand(record: StoredPacket | StructuredFlow): string | undefined {
  const expression = record.type === "flow"
    ? flowPacketsExpression(record)
    : conversationExpression(record);
  return expression && `tcpdump -n -i any ${quoted(expression)}`;
}
