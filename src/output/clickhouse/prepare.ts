/** Prepares the options of a ClickHouse output; the writer itself is loaded only when it is opened. */

import type { ConfigProblem } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { type CompleteDelivery, completeDelivery } from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import { parsingProblems, tableProblems } from "../delivery/problems.ts";
import { parseTableName } from "../table/name.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { ClickhouseOptions } from "./options.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options completed by the privileged process. */
export type CompleteClickhouseOptions = ClickhouseOptions & CompleteDelivery & {
  /** Connection to the database. */
  connection: Connection;
};

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/clickhouse/sender/worker.ts";

/** Checks the URL and the tables' names; without a URL the environment decides, at the start. */
export function clickhouseProblems(options: Partial<ClickhouseOptions>): ConfigProblem[] {
  const problems = parsingProblems(options, {
    url: (url) => connectionOf(url, () => undefined),
  });
  return [...problems, ...tableProblems(options, parseTableName)];
}

/**
 * Adds the options that only the privileged process knows: the host's name, the session, and the
 * connection.
 *
 * @throws {OutputError} If the connection is not given, or is invalid.
 */
export function completeClickhouseOptions(options: ClickhouseOptions): CompleteClickhouseOptions {
  const { connection } = resolveConnection(options);
  return { ...completeDelivery(options), connection };
}

/** Returns the permissions that a ClickHouse output needs. */
export function clickhouseNeeds(options: ClickhouseOptions): Need[] {
  return [...deliveryNeeds(options), ...resolveConnection(options).needs];
}
