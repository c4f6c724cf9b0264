/**
 * The database of `nfscribe db`, from the configuration file and from options.
 *
 * @module
 */

import { DEFAULT_FILE, readConfigFile, SYSTEM_FILE, usualFile } from "../../config/file.ts";
import { entriesOf } from "../../config/outputs.ts";
import { checkOptions } from "../../config/table.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import postgresOutput from "../../output/postgres/output.ts";
import type { PostgresOptions } from "../../output/postgres/options.ts";
import { isTable, suggestion } from "../../schema.ts";
import { type ParsedOptions, UsageError } from "../command.ts";

/** Which database and table, and what else it takes to look after them. */
export interface DatabaseOptions extends Pick<PostgresOptions, "url" | "table" | "retentionDays"> {
  /** The configuration file; absent where none was read. */
  file?: string;
  /** Where the output stands in it, as in `output.postgres`. */
  place?: string;
}

/**
 * Puts the options together: the configuration file's, then those of the command line.
 *
 * @param given The command line's.
 * @param byDefault Whether the usual file is read where options tell neither database nor table.
 * @throws {ConfigError} If the file cannot be used.
 * @throws {UsageError} If options do not fit together.
 */
export async function databaseOptionsOf(
  given: ParsedOptions,
  byDefault: boolean,
): Promise<DatabaseOptions> {
  const { config, output, postgres, table } = given;
  const isTold = (config ?? postgres ?? table) !== undefined;
  const file = byDefault && !isTold ? foundFile() : config;
  if (file === undefined && output !== undefined) {
    throw new UsageError(
      "--output names an output of a configuration file: name that, too, with -c",
    );
  }
  return {
    ...file === undefined ? { table: "packets" } : await fromFile(file, output),
    ...postgres !== undefined && { url: postgres },
    ...table !== undefined && { table },
  };
}

function foundFile(): string {
  const file = usualFile();
  try {
    Deno.statSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `There is no ${DEFAULT_FILE} here, and no ${SYSTEM_FILE}: ` +
        "name the configuration file with -c, or the database with --postgres",
    );
  }
  return file;
}

async function fromFile(file: string, output: string | undefined): Promise<DatabaseOptions> {
  const { output: outputs } = await readConfigFile(file);
  const [name, table] = choose(isTable(outputs) ? outputs : {}, file, output);
  const place = `output.${name}`;
  const problems: ConfigProblem[] = [];
  const options = checkOptions(entriesOf(postgresOutput), table, place, problems);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { ...options as unknown as PostgresOptions, file, place };
}

/** The output of type postgres: the one that is named, or the only one. */
function choose(
  outputs: Record<string, unknown>,
  file: string,
  wanted: string | undefined,
): [name: string, table: unknown] {
  const found = Object.entries(outputs)
    .filter(([name, table]) => isTable(table) && (table.type ?? name) === "postgres");
  const names = found.map(([name]) => name);
  if (found.length === 0) {
    const message = "there is no output of type postgres; add [output.postgres]";
    throw new ConfigError(file, [{ key: "output", message }]);
  }
  if (wanted === undefined && found.length > 1) {
    throw new UsageError(
      `${file} has several outputs of type postgres; name one: --output ${names[0]}`,
    );
  }
  const chosen = found.find(([name]) => name === (wanted ?? name));
  if (chosen !== undefined) return chosen;
  throw new UsageError(
    `${file} has no output of type postgres that is called "${wanted}"${
      suggestion(wanted!, names)
    }`,
  );
}
