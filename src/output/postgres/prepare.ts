/**
 * Prepares the options of a Postgres output; the writer itself is loaded only when it is opened.
 */

import type { ConfigProblem } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { type CompleteDelivery, completeDelivery } from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import { parsingProblems, tableProblems } from "../delivery/problems.ts";
import type { Connection } from "./connection.ts";
import { checkUrl } from "./connection_string.ts";
import type { PostgresOptions } from "./options.ts";
import { parseTable } from "./table.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options completed by the privileged process. */
export type CompletePostgresOptions = PostgresOptions & CompleteDelivery & {
  /** Connection to the database. */
  connection: Connection;
};

/** Checks the URL and the tables' names; without a URL the environment decides, at the start. */
export function postgresProblems(options: Partial<PostgresOptions>): ConfigProblem[] {
  const problems = parsingProblems(options, {
    url: checkUrl,
  });
  return [...problems, ...tableProblems(options, parseTable)];
}

/**
 * Adds the options that only the privileged process knows: the host's name, the session, and the
 * connection.
 *
 * @throws {OutputError} If the connection is not given, or is invalid.
 */
export function completePostgresOptions(options: PostgresOptions): CompletePostgresOptions {
  const { connection } = resolveConnection(options.url);
  return { ...completeDelivery(options), connection };
}

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/postgres/sender/worker.ts";

/** Returns the permissions that a Postgres output needs. */
export function postgresNeeds(options: PostgresOptions): Need[] {
  return [...deliveryNeeds(options), ...resolveConnection(options.url).needs];
}
