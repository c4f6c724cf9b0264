/** Options that commands share; they replace a small configuration file. */

import { checkConfig, type Config } from "../config/config.ts";
import { DEFAULT_FILE, usualFile } from "../config/file.ts";
import { snakeCase } from "../text/spelling.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { FilterOptions } from "../filter/options.ts";
import { absolute } from "../text/path.ts";
import type { Need } from "../permission.ts";
import { flagsOf } from "../daemon/permissions.ts";
import { isTable } from "../schema.ts";
import { type ParsedOptions, UsageError } from "./command.ts";
import { readFoundFile } from "./found_config.ts";
import {
  ALL_OUTPUTS,
  OUTPUT_EXAMPLE,
  PART_OPTIONS,
  SHORT_SOURCES,
  type ShortSource,
  shortTable,
  SOURCE_EXAMPLE,
} from "./part_options.ts";
import { quotedExactly } from "../text/shell_quoted.ts";

/** Prints `--allow-…` flags: a line each, or as words for a shell where the options ask for that. */
export function printFlags(needs: readonly Need[], options: ParsedOptions): void {
  const flags = flagsOf(needs);
  if (options["shell-flags"] !== undefined) console.log(flags.map(quotedExactly).join(" "));
  else for (const flag of flags) console.log(flag);
}

/** Returns the option that stands for each key. */
function spellings(): readonly (readonly [key: string, option: string])[] {
  return [
    ...SHORT_SOURCES.map((source) =>
      [`source[0].${sourceKey(source)}`, source.shorthand.name] as const
    ),
    ["source[0].copy_range", "copy-range"],
    ["source[0].pace", "pace"],
    ...ALL_OUTPUTS.filter(({ shorthand }) => shorthand.key !== undefined)
      .map(({ type, shorthand }) => [`output.${type}.${shorthand.key}`, type] as const),
    ["filter.script", "filter"],
    ["filter.where", "where"],
  ];
}

/** Size of `sun_path` without the NUL at its end, in bytes (unix(7)). */
const SOCKET_PATH_MAX = 107;

/** Returns what does without a configuration file, by command. */
function insteadOfFile(command: string): string | undefined {
  const output = ALL_OUTPUTS[0]!.type;
  if (command === "replay") return `where packets go, as with --${output} FILE`;
  if (!["run", "check", "doctor"].includes(command)) return undefined;
  return `what to do with --${SHORT_SOURCES[0]!.shorthand.name} and --${output}`;
}

/** Message for options without a source. */
export const NO_SOURCE = `--${
  SHORT_SOURCES[0]!.shorthand.name
} is missing: the number that the rule names, as in ${SOURCE_EXAMPLE}`;

/** The option of the output that stands for one where none is used. */
const WRITES_NOTHING = ALL_OUTPUTS.findLast(({ init }) => init.isOffered)!.type;

/**
 * Reads and checks the configuration that options name and change.
 *
 * @param command The command, for messages.
 * @param source Stands for all sources, where the command has its own.
 * @throws {ConfigError} If anything is wrong; all of it is named.
 * @throws {UsageError} If nothing says where packets come from or go to.
 */
export async function configOf(
  options: ParsedOptions,
  command: string,
  source?: Record<string, unknown>,
): Promise<Config> {
  const value = await readSource(options, command);
  if (source !== undefined) value.source = [source];
  return checkOptions(options, value, command);
}

/**
 * Returns the configuration file that options name, or leave to its default; undefined
 * where they say enough.
 */
export function fileOf(options: ParsedOptions): string | undefined {
  if (options.config !== undefined) return options.config;
  return PART_OPTIONS.some((name) => options[name] !== undefined) ? undefined : usualFile();
}

/** Reads the configuration file, if there is one to read. */
function readSource(
  options: ParsedOptions,
  command: string,
): Promise<Record<string, unknown>> {
  const file = fileOf(options);
  return file === undefined
    ? Promise.resolve({})
    : readFoundFile(file, options, insteadOfFile(command));
}

/** Puts the options into the configuration, and checks the whole. */
function checkOptions(
  options: ParsedOptions,
  value: Record<string, unknown>,
  command: string,
): Config {
  const { filter, where } = options;
  const copyRange = options["copy-range"];
  const given = sourceTables(options);
  if (given.length === 0 && value.source === undefined && options.config === undefined) {
    throw new UsageError(NO_SOURCE);
  }
  if (given.length > 0) value.source = given;
  if (copyRange !== undefined && Array.isArray(value.source)) {
    for (const source of value.source.filter(isTable)) source.copy_range = numberOf(copyRange);
  }
  for (const [type, table] of Object.entries(outputTables(options))) {
    value.output ??= {};
    // The check reports what is not a table.
    if (isTable(value.output)) value.output[type] = { ...tableOf(value.output[type]), ...table };
  }
  if (filter !== undefined) value.filter = { ...tableOf(value.filter), script: filter };
  if (where !== undefined) value.filter = { ...tableOf(value.filter), where };
  if (value.output === undefined && options.config === undefined) {
    throw new UsageError(`There is no output: say where packets go, as in ${OUTPUT_EXAMPLE}`);
  }
  const file = fileOf(options);
  try {
    const config = checkConfig(value, file ?? DEFAULT_FILE);
    if (config.filter !== undefined) config.filter = withAbsolutePaths(config.filter);
    const { socket } = config.stats;
    if (socket !== undefined) config.stats.socket = requireSocketPath(absolute(socket));
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      file ?? `nfscribe ${command}`,
      error.problems.map((problem) => spelledAsOption(problem, options)),
    );
  }
}

/**
 * Requires that the system takes a path for a socket.
 *
 * @throws {ConfigError} If it does not.
 */
export function requireSocketPath(path: string): string {
  const { length } = new TextEncoder().encode(path);
  if (length <= SOCKET_PATH_MAX) return path;
  throw new ConfigError(DEFAULT_FILE, [{
    key: "stats.socket",
    message: `${path} has ${length} bytes, and the path of a socket may have ` +
      `${SOCKET_PATH_MAX}; choose a shorter one, as in /run/nfscribe.sock`,
  }]);
}

/** Returns the tables of sources that options stand for. */
export function sourceTables(options: ParsedOptions): Record<string, unknown>[] {
  return SHORT_SOURCES.flatMap((source) => {
    const given = options[source.shorthand.name];
    if (given === undefined) return [];
    return [{ type: source.type, [sourceKey(source)]: sourceValue(source, given) }];
  });
}

/** Returns the key that a source's option sets, as a file spells it. */
export function sourceKey({ identity, shorthand }: ShortSource): string {
  return snakeCase(shorthand.key ?? identity);
}

/** Converts the value of a source's option, as it was typed. */
export function sourceValue(
  { shorthand: { value } }: ShortSource,
  given: string,
): string | number | string[] {
  if (value === "N") return numberOf(given);
  return value === "LIST" ? given.split(",") : given;
}

/** Returns the tables of outputs that options stand for, by type. */
export function outputTables(options: ParsedOptions): Record<string, Record<string, string>> {
  return Object.fromEntries(ALL_OUTPUTS.flatMap((output) => {
    const given = options[output.type];
    return given === undefined ? [] : [[output.type, shortTable(output, given)]];
  }));
}

/**
 * Adds an output that writes nothing where options name a source and nothing else: some commands
 * look at that alone.
 */
export function withOutput(options: ParsedOptions): ParsedOptions {
  const isAlone = options.config === undefined && sourceTables(options).length > 0 &&
    Object.keys(outputTables(options)).length === 0;
  return isAlone ? { ...options, [WRITES_NOTHING]: "-" } : options;
}

/** Makes paths absolute, as rights are compared. */
export function withAbsolutePaths(filter: FilterOptions): FilterOptions {
  const permissions = { ...filter.permissions };
  for (const kind of ["read", "write"] as const) {
    const granted = permissions[kind];
    if (Array.isArray(granted)) permissions[kind] = granted.map(absolute);
  }
  const { script } = filter;
  return { ...filter, ...script !== undefined && { script: absolute(script) }, permissions };
}

/** Names the option that stands for a problem's key, where it was given. */
export function spelledAsOption(problem: ConfigProblem, options: ParsedOptions): ConfigProblem {
  const option = spellings().find(([key, name]) =>
    key === problem.key && options[name] !== undefined
  )
    ?.[1];
  return option === undefined ? problem : { ...problem, key: `--${option}` };
}

function tableOf(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {};
}

/** Converts a number as it was typed; other text is left for the check to report. */
export function numberOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
