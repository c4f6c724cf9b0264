/** Runs `nfscribe db`: creates, prints and maintains the table of an output's database. */

import { requireNeeds } from "../../daemon/permissions.ts";
import { ConfigError } from "../../errors.ts";
import { type Database, DatabaseOptionError } from "../../output/define.ts";
import type { Need } from "../../permission.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { printFlags } from "../options.ts";
import { DONE } from "../status.ts";
import { type DatabaseOutput, databaseOutputOf } from "./options.ts";

/** Actions that take a connection. */
const ACTIONS: Readonly<Record<string, (database: Database) => Promise<void>>> = {
  init: (database) => database.init(console.log),
  index: (database) => database.index(console.log),
};

/** Runs the command; returns the exit status. */
export async function execute(given: ParsedOptions): Promise<number> {
  const action = ACTIONS[given.ACTION!];
  const output = await databaseOutputOf(given, action !== undefined);
  const needs: Need[] = output.file === undefined
    ? []
    : [{ name: "read", value: output.file, why: "the configuration" }];
  try {
    const database = await output.type.database(output.options);
    if (action !== undefined) needs.push(...database.needs());
    if (given.flags !== undefined) {
      printFlags(needs, given);
      return DONE;
    }
    if (action === undefined) console.log(database.schema);
    else {
      requireNeeds(needs);
      await action(database);
    }
    return DONE;
  } catch (error) {
    if (!(error instanceof DatabaseOptionError)) throw error;
    throw namedBy(error, output, given);
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
  return new ConfigError(file, [{ key: `${place}.${key}`, message }]);
}
