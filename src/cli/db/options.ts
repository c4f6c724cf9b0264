/** The database of `nfscribe db`, from the configuration file and from options. */

import { DEFAULT_FILE, SYSTEM_FILE, usualFile } from "../../config/file.ts";
import { entriesOf } from "../../config/outputs.ts";
import { checkOptions } from "../../config/table.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { Database, OutputType } from "../../output/define.ts";
import { outputs } from "../../output/outputs.ts";
import { isTable, suggestion } from "../../schema.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { oneOf, type ParsedOptions, UsageError } from "../command.ts";
import { readFoundFile } from "../found_config.ts";
import { shortTable } from "../part_options.ts";

/** A type of output with a database. */
type DatabaseType = OutputType & Required<Pick<OutputType, "database">>;

/** An output with a database, and what says so. */
export interface DatabaseOutput {
  type: DatabaseType;
  options: Record<string, unknown>;
  /** The output's table as a configuration has it. */
  table: Record<string, unknown>;
  /** Its name in the configuration file. */
  name?: string;
  /** The configuration file; absent where none was read. */
  file?: string;
  /** Key of the output in it, as in `output.postgres`. */
  place?: string;
}

/** Types of outputs with a database. */
export const DATABASES: readonly DatabaseType[] = Object.values(outputs)
  .filter((type): type is DatabaseType => type.database !== undefined);
/** The same in messages. */
const NAMES = oneOf(DATABASES.map(({ type }) => type));
/** Types whose database `nfscribe web` can show. */
export const SHOWN: readonly DatabaseType[] = DATABASES.filter(({ isShown }) => isShown === true);

/**
 * Puts the options together: the configuration file's, then those of the command line.
 *
 * @param given The command line's.
 * @param byDefault Whether the usual file is read where options tell neither database nor table.
 * @throws {ConfigError} If the file cannot be used.
 * @throws {UsageError} If options do not fit together.
 */
export async function databaseOutputOf(
  given: ParsedOptions,
  byDefault: boolean,
): Promise<DatabaseOutput> {
  const { config, output, table } = given;
  const named = DATABASES.find(({ type }) => given[type] !== undefined);
  const isTold = (config ?? table) !== undefined || named !== undefined;
  const file = byDefault && !isTold ? foundFile() : config;
  if (file === undefined && output !== undefined) {
    throw new UsageError(
      "--output names an output of a configuration file: name that, too, with -c",
    );
  }
  const found: DatabaseOutput = file === undefined
    ? byOptions(named ?? DATABASES[0]!)
    : await fromFile(file, given, named);
  const { type } = found;
  const told = {
    ...named !== undefined && shortTable(type, given[named.type]!),
    ...table !== undefined && { table },
  };
  return {
    ...found,
    options: { ...found.options, ...told },
    table: { ...found.table, ...told },
  };
}

/** Returns the database of a type with its default options, which is not connected to. */
export function databaseOf(type: DatabaseType): Promise<Database> {
  return type.database(byOptions(type).options);
}

/** Options of an output without a configuration file: its defaults. */
function byOptions(type: DatabaseType): DatabaseOutput {
  return { type, options: checkOptions(type.entries, {}, "", []), table: {} };
}

function foundFile(): string {
  const file = usualFile();
  try {
    Deno.statSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `There is no ${DEFAULT_FILE} here, and no ${SYSTEM_FILE}: ` +
        `name the configuration file with -c, or the database with ${
          oneOf(DATABASES.map(({ type }) => `--${type}`))
        }`,
    );
  }
  return file;
}

async function fromFile(
  file: string,
  given: ParsedOptions,
  named: DatabaseType | undefined,
): Promise<DatabaseOutput> {
  const { output: outputs } = await readFoundFile(file, given);
  const tables = Object.entries(isTable(outputs) ? outputs : {}).flatMap(([name, table]) => {
    const type = isTable(table) && DATABASES.find(({ type }) => type === (table.type ?? name));
    return type && (named ?? type) === type ? [{ name, table, type }] : [];
  });
  const { name, table, type } = choose(tables, file, given.output);
  const place = `output.${name}`;
  const problems: ConfigProblem[] = [];
  const { type: _, ...options } = checkOptions(entriesOf(type), table, place, problems);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { type, options, table, name, file, place };
}

/** Chooses the output that is named, or the only one. */
function choose<T extends { name: string; type: DatabaseType }>(
  found: readonly T[],
  file: string,
  wanted: string | undefined,
): T {
  const names = found.map(({ name }) => name);
  if (found.length === 0) {
    const message = `there is no output of type ${NAMES}; add [output.${DATABASES[0]!.type}]`;
    throw new ConfigError(file, [{ key: "output", message }]);
  }
  if (wanted === undefined && found.length > 1) {
    const types = oneOf([...new Set(found.map(({ type }) => type.type))]);
    const choice = oneOf(names.map((name) => `--output ${quoted(name)}`));
    throw new UsageError(`${file} has several outputs of type ${types}; name one: ${choice}`);
  }
  const chosen = found.find(({ name }) => name === (wanted ?? name));
  if (chosen !== undefined) return chosen;
  throw new UsageError(
    `${file} has no output of type ${NAMES} that is called "${wanted}"${
      suggestion(wanted!, names)
    }`,
  );
}
