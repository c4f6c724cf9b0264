/** Options that only the privileged process knows. */

import type { TableNames, TableOption } from "../table/record_table.ts";
import type { RowEncoderOptions } from "../table/row_encoder.ts";
import { withHostname } from "../host_name.ts";
import type { DeliveryOptions } from "./options.ts";

/** Options of rows that are delivered to a table, completed by the privileged process. */
export interface CompleteDelivery extends DeliveryOptions {
  table: string;
  flowsTable: string;
  countersTable: string;
  hostname: string;
  /** Identifier of this run: a UUID (RFC 9562). */
  session: string;
}

/** Returns the names of an output's tables. */
export function tablesOf(
  { table, flowsTable, countersTable }: Pick<CompleteDelivery, TableOption>,
): TableNames {
  return { packet: table, flow: flowsTable, counter: countersTable };
}

/** Adds the host's name and the session. */
export function completeDelivery<Options extends DeliveryOptions & { hostname?: string }>(
  options: Options,
): Options & Pick<CompleteDelivery, "hostname" | "session"> {
  return { ...withHostname(options, "rows"), session: crypto.randomUUID() };
}

/** Returns the options for the sandbox: without addresses and passwords. */
export function sandboxRowOptions(
  { hostname, session, payload }: RowEncoderOptions,
): RowEncoderOptions & Record<string, unknown> {
  return { hostname, session, payload };
}
