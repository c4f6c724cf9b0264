/**
 * The work of `nfscribe db`: the table of the Postgres output, made, printed and looked after.
 *
 * @module
 */

import { ConfigError, OutputError } from "../../errors.ts";
import { problemOf } from "../../output/postgres/connect_error.ts";
import { type Connection, describeConnection } from "../../output/postgres/connection.ts";
import { indexClosedDays } from "../../output/postgres/indexes.ts";
import { dayOf, maintain } from "../../output/postgres/maintenance.ts";
import { migrate, type Sql } from "../../output/postgres/migrate.ts";
import { schemaScript } from "../../output/postgres/schema.ts";
import { nameOf, parseTable, type Table } from "../../output/postgres/table.ts";
import { resolveConnection } from "../../output/postgres/resolve_connection.ts";
import type { Need } from "../../permission.ts";
import { requireNeeds } from "../../daemon/permissions.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { type DatabaseOptions, databaseOptionsOf } from "./options.ts";
import { printFlags } from "../options.ts";

const DAY_MS = 86_400_000;
/** Days that get a partition: yesterday, whose last packets may be on their way, to a week ahead. */
const DAYS = { before: 1, ahead: 7 };

/** Actions that take a connection. */
const ACTIONS: Readonly<Record<string, (sql: Sql, task: Task) => Promise<void>>> = { init, index };

/** Name of an action. */
interface Task {
  table: Table;
  options: DatabaseOptions;
  where: string;
}

/** Does it; returns the exit status. */
export async function execute(given: ParsedOptions): Promise<number> {
  const action = given.ACTION!;
  const options = await databaseOptionsOf(given, action !== "schema");
  const table = tableOf(options, given);
  const needs: Need[] = options.file === undefined
    ? []
    : [{ name: "read", value: options.file, why: "the configuration" }];
  if (action === "schema") {
    if (given.flags === undefined) console.log(schemaScript(table).trimEnd());
    else printFlags(needs, given);
    return 0;
  }
  const whereabouts = databaseOf(options);
  needs.push(...whereabouts.needs);
  if (given.flags !== undefined) {
    printFlags(needs, given);
    return 0;
  }
  requireNeeds(needs);
  await connected(
    whereabouts.connection,
    (sql) =>
      ACTIONS[action]!(sql, { table, options, where: describeConnection(whereabouts.connection) }),
  );
  return 0;
}

/** Makes the table and its partitions, drops what is past the retention, and says all of it. */
async function init(sql: Sql, { table, options, where }: Task): Promise<void> {
  const now = Date.now();
  const today = dayOf(now);
  const done = await migrate(sql, table, { create: true });
  const states = { made: "made", updated: "brought up to date", current: "up to date already" };
  console.log(`${where}: table ${nameOf(table)}: ${states[done]}`);
  const days = Array.from(
    { length: DAYS.before + 1 + DAYS.ahead },
    (_, index) => today - DAYS.before + index,
  );
  const { retentionDays } = options;
  const lines = await maintain(sql, table, { days, retentionDays, nowMs: now });
  const last = new Date((today + DAYS.ahead) * DAY_MS).toISOString().slice(0, 10);
  console.log(`  partitions: until ${last} (UTC)`);
  for (const line of lines) console.log(`  ${line}`);
}

/** Makes indexes on days that are over. */
async function index(sql: Sql, { table, where }: Task): Promise<void> {
  let made = 0;
  await indexClosedDays(sql, table, Date.now(), (name) => {
    made++;
    console.log(`${where}: index on ${name}`);
  });
  if (made === 0) console.log(`${where}: every day that is over has its indexes`);
}

/** Connects, and puts what the server refuses into words. */
async function connected(
  connection: Connection,
  act: (sql: Sql) => Promise<void>,
): Promise<void> {
  // Other commands start without it.
  const { client } = await import("../../output/postgres/connect.ts");
  const sql = client(connection);
  try {
    await act(sql);
  } catch (error) {
    const { message } = problemOf(error, connection, "make changes");
    throw new OutputError(describeConnection(connection), message, { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function databaseOf({ url, file, place }: DatabaseOptions) {
  try {
    return resolveConnection(url);
  } catch (error) {
    const { message } = error as Error;
    if (file === undefined) throw new UsageError(`--postgres: ${message}`);
    throw new ConfigError(file, [{ key: `${place}.url`, message }]);
  }
}

function tableOf({ table, file, place }: DatabaseOptions, given: ParsedOptions): Table {
  try {
    return parseTable(table);
  } catch (error) {
    const { message } = error as Error;
    if (given.table !== undefined || file === undefined) throw new UsageError(`--table ${message}`);
    throw new ConfigError(file, [{ key: `${place}.table`, message }]);
  }
}
