/** Runs `nfscribe db`: creates, prints and maintains the table of an output's database. */

import { requireNeeds } from "../../daemon/permissions.ts";
import { ConfigError } from "../../errors.ts";
import { type Database, DatabaseOptionError } from "../../output/define.ts";
import type { Need } from "../../permission.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { expressionOf } from "../expression.ts";
import { snakeCase } from "../../text/spelling.ts";
import { printFlags } from "../options.ts";
import { DONE } from "../status.ts";
import { type DatabaseOutput, databaseOutputOf } from "./options.ts";
import { natQuestionOf, queryNat } from "./nat.ts";
import { checkExpression, query, questionOf, timeoutOf } from "./query.ts";
import { showStatus, showStatusAsJson } from "./status.ts";

/** Something to do with a database. */
interface Action {
  /** Whether it only reads. */
  access: "read" | "write";
  /** Checks options before anything is connected to. */
  check?(database: Database, given: ParsedOptions): void;
  run(database: Database, given: ParsedOptions, output: DatabaseOutput): Promise<void>;
}

/** Actions that take a connection. */
const ACTIONS: Readonly<Record<string, Action>> = {
  init: { access: "write", run: (database) => database.init(console.log) },
  index: { access: "write", run: (database) => database.index(console.log) },
  migrate: {
    access: "write",
    run: (database, given) => database.migrate(console.log, given["dry-run"] !== undefined),
  },
  status: {
    access: "read",
    check: (_, given) => void timeoutOf(given),
    run: async (database, given, { file, options }) => {
      const [packets, ...others] = await database.status(timeoutOf(given));
      const spool = file === undefined ? undefined : options.spool;
      const isJson = given.json !== undefined;
      const folder = typeof spool === "string" ? spool : undefined;
      if (isJson) showStatusAsJson(packets!, others, folder);
      else showStatus(packets!, others, folder);
    },
  },
  query: {
    access: "read",
    check: (database, given) => {
      const { nat, at } = given;
      if (nat === undefined && at !== undefined) {
        throw new UsageError("--at needs --nat: --since and --until choose records by time");
      }
      if (nat === undefined) return checkExpression(database, questionOf(given, Date.now()));
      const { where } = natQuestionOf(nat, given, Date.now());
      checkExpression(database, { where, kind: "flow" });
    },
    run: (database, given) => {
      const isJson = given.json !== undefined;
      const { nat } = given;
      if (nat === undefined) return query(database, questionOf(given, Date.now()), isJson);
      return queryNat(database, natQuestionOf(nat, given, Date.now()), isJson);
    },
  },
};
/** Options and operands of single actions. */
const OF_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  EXPR: ["query", "import"],
  flows: ["query"],
  counters: ["query"],
  nat: ["query"],
  at: ["query"],
  since: ["query"],
  until: ["query"],
  limit: ["query"],
  timeout: ["query", "status"],
  json: ["query", "status"],
  "dry-run": ["migrate"],
};

/** Runs the command; returns the exit status. */
export async function execute(given: ParsedOptions): Promise<number> {
  requireFitting(given);
  const action = ACTIONS[given.ACTION!];
  const isImport = given.ACTION === "import";
  const output = await databaseOutputOf(given, action !== undefined || isImport);
  if (isImport) return await (await import("./import.ts")).importFiles(output, given);
  const needs: Need[] = output.file === undefined
    ? []
    : [{ name: "read", value: output.file, why: "the configuration" }];
  try {
    const database = await output.type.database(output.options);
    action?.check?.(database, given);
    if (action !== undefined) needs.push(...database.needs(action.access));
    const { spool } = output.options;
    if (given.ACTION === "status" && output.file !== undefined && typeof spool === "string") {
      needs.push({ name: "read", value: spool, why: "the spool" });
    }
    if (given.flags !== undefined) {
      printFlags(needs, given);
      return DONE;
    }
    if (action === undefined) console.log(database.schema);
    else {
      requireNeeds(needs);
      await action.run(database, given, output);
    }
    return DONE;
  } catch (error) {
    if (!(error instanceof DatabaseOptionError)) throw error;
    throw namedBy(error, output, given);
  }
}

/** Refuses options that another action has. */
function requireFitting(given: ParsedOptions): void {
  const action = given.ACTION!;
  for (const [name, actions] of Object.entries(OF_ACTIONS)) {
    if (given[name] === undefined || actions.includes(action)) continue;
    const what = name === "EXPR" ? `"${expressionOf(given)}"` : `--${name}`;
    throw new UsageError(`Cannot use ${what}: it belongs to db ${actions.join(" and db ")}`);
  }
}

/** Names what says the wrong option: the command line, or the configuration file. */
function namedBy(
  { key, message }: DatabaseOptionError,
  { type, file, place }: DatabaseOutput,
  given: ParsedOptions,
): Error {
  const isTable = key === "table";
  if (file === undefined || isTable && given.table !== undefined) {
    return new UsageError(isTable ? `--table ${message}` : `--${type.type}: ${message}`);
  }
  return new ConfigError(file, [{ key: `${place}.${snakeCase(key)}`, message }]);
}
