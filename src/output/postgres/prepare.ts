/**
 * What is to be known of a Postgres output before it is opened; the writer itself
 * is loaded only then.
 *
 * @module
 */

import type { ConfigProblem } from "../../errors.ts";
import { fromFileUrl } from "../../text/file_url.ts";
import type { Need } from "../../permission.ts";
import { hostnameNeeds, type WithHostname as Complete, withHostname } from "../host_name.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { PostgresEncoderOptions } from "./encoder.ts";
import type { PostgresOptions } from "./options.ts";
import { SOURCES } from "../../threads.ts";
import { parseTable } from "./table.ts";
import { resolveConnection } from "./resolve_connection.ts";

/** Options with what only the privileged side knows. */
export interface CompletePostgresOptions extends Complete<PostgresOptions> {
  /** Identifies this run: a UUID (RFC 9562). */
  session: string;
  /** Where the database is. */
  connection: Connection;
}

/** What is wrong with the address or the table's name. */
export function postgresProblems({ url, table }: Partial<PostgresOptions>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const look = (key: string, parse: () => unknown) => {
    try {
      parse();
    } catch (error) {
      problems.push({ key, message: (error as Error).message });
    }
  };
  // Without a URL the environment tells where, which is looked at on the start.
  if (url !== undefined) look("url", () => connectionOf(url, () => undefined));
  if (table !== undefined) look("table", () => parseTable(table));
  return problems;
}

/**
 * Fills in what only the privileged side can know: the host's name, the session,
 * and where the database is.
 *
 * @throws {OutputError} If nothing tells where, or it is told wrongly.
 */
export function completePostgresOptions(options: PostgresOptions): CompletePostgresOptions {
  const { connection } = resolveConnection(options.url);
  return { ...withHostname(options, "rows"), session: crypto.randomUUID(), connection };
}

/** What the sandbox is told: no address, no password. */
export function sandboxPostgresOptions(
  { hostname, session, payload }: CompletePostgresOptions,
): PostgresEncoderOptions & Record<string, unknown> {
  return { hostname, session, payload };
}

/** The thread that sends rows, below `src/`. */
export const SENDER = "output/postgres/sender/worker.ts";

/** The folder with nfscribe's modules. */
const MODULES = fromFileUrl(SOURCES.href);

/** The rights that a Postgres output takes. */
export function postgresNeeds(options: PostgresOptions): Need[] {
  const { spool, url } = options;
  return [
    { name: "read", value: spool, why: "the spool" },
    { name: "write", value: spool, why: "the spool" },
    { name: "read", value: MODULES, why: "the thread that sends rows is loaded from there" },
    ...resolveConnection(url).needs,
    ...hostnameNeeds(options, "rows"),
  ];
}
