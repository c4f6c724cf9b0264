/**
 * Effects of the options that commands share: those of a small configuration file.
 *
 * @module
 */

import { checkConfig, type Config } from "../config/config.ts";
import { DEFAULT_FILE, readConfigFile, usualFile } from "../config/file.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { FilterOptions } from "../filter/options.ts";
import { absolute } from "../text/path.ts";
import type { OutputType } from "../output/define.ts";
import { STANDARD_OUTPUT } from "../output/file/options.ts";
import { fileOutputs, outputs } from "../output/outputs.ts";
import { groupSource } from "../source/sources.ts";
import type { Need } from "../permission.ts";
import { flagsOf } from "../daemon/permissions.ts";
import { isTable } from "../schema.ts";
import { type ParsedOptions, UsageError } from "./command.ts";
import { quoted } from "../text/shell_quoted.ts";

/** Prints `--allow-…` flags: a line each, or as words for a shell where the options ask for that. */
export function printFlags(needs: readonly Need[], options: ParsedOptions): void {
  const flags = flagsOf(needs);
  if (options["shell-flags"] !== undefined) console.log(flags.map(quoted).join(" "));
  else for (const flag of flags) console.log(flag);
}

const types = Object.values(outputs);
const { name: GROUP } = groupSource.shorthand!;

/** Which option stands for which key. */
const SPELLINGS: readonly (readonly [key: string, option: string])[] = [
  [`source[0].${GROUP}`, GROUP],
  ["source[0].copy_range", "copy-range"],
  ["source[0].pace", "pace"],
  ...types.map(({ type, shorthand }) => [`output.${type}.${shorthand.key}`, type] as const),
  ["filter.script", "filter"],
];

/**
 * Reads and checks the configuration that options name and change.
 *
 * @param options The options.
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
  const value = await readSource(options);
  if (source !== undefined) value.source = [source];
  return checkOptions(options, value, command);
}

/** The configuration file that options name, or leave to its default; undefined where they say enough. */
export function fileOf(options: ParsedOptions): string | undefined {
  if (options.config !== undefined) return options.config;
  return options[GROUP] !== undefined || namesOutput(options) ? undefined : usualFile();
}

/** Whether options stand for an output. */
export function namesOutput(options: ParsedOptions): boolean {
  return types.some(({ type }) => options[type] !== undefined);
}

/** Adds an output to options that name a source alone, for commands that write nothing. */
export function withAnyOutput(options: ParsedOptions): ParsedOptions {
  const isAlone = options[GROUP] !== undefined && options.config === undefined &&
    !namesOutput(options);
  const { type } = fileOutputs.find(({ text }) => text)!;
  return isAlone ? { ...options, [type]: STANDARD_OUTPUT } : options;
}

/** Returns the tables of outputs that options stand for. */
export function outputTables(options: ParsedOptions): Record<string, Record<string, unknown>> {
  return Object.fromEntries(types.flatMap(({ type, shorthand }) => {
    const given = options[type];
    return given === undefined ? [] : [[type, { [shorthand.key]: given }]];
  }));
}

/** Reads the configuration file, if there is one to read. */
function readSource(options: ParsedOptions): Promise<Record<string, unknown>> {
  const file = fileOf(options);
  return file === undefined ? Promise.resolve({}) : readConfigFile(file);
}

/** Puts the options into the configuration, and checks the whole. */
function checkOptions(
  options: ParsedOptions,
  value: Record<string, unknown>,
  command: string,
): Config {
  const { filter } = options;
  const group = options[GROUP];
  const copyRange = options["copy-range"];
  if (group === undefined && value.source === undefined && options.config === undefined) {
    throw new UsageError(
      `--${GROUP} is missing: the number that the rule names, as in --${GROUP} 1`,
    );
  }
  if (group !== undefined) value.source = [{ type: groupSource.type, [GROUP]: numberOf(group) }];
  if (copyRange !== undefined && Array.isArray(value.source)) {
    for (const source of value.source.filter(isTable)) source.copy_range = numberOf(copyRange);
  }
  for (const [name, table] of Object.entries(outputTables(options))) {
    value.output ??= {};
    // What is no table is left for the check to name.
    if (isTable(value.output)) value.output[name] = { ...tableOf(value.output[name]), ...table };
  }
  if (filter !== undefined) value.filter = { ...tableOf(value.filter), script: filter };
  if (value.output === undefined && options.config === undefined) {
    const [{ type, shorthand }] = fileOutputs as [OutputType];
    throw new UsageError(
      `There is no output: say where packets go, as in --${type} ${shorthand.example}`,
    );
  }
  const file = fileOf(options);
  try {
    const config = checkConfig(value, file ?? DEFAULT_FILE);
    if (config.filter !== undefined) config.filter = withAbsolutePaths(config.filter);
    const { socket } = config.stats;
    if (socket !== undefined) config.stats.socket = absolute(socket);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      file ?? `nfscribe ${command}`,
      error.problems.map((problem) => spelledAsOption(problem, options)),
    );
  }
}

/** Rights are compared as absolute paths. */
export function withAbsolutePaths(filter: FilterOptions): FilterOptions {
  const permissions = { ...filter.permissions };
  for (const kind of ["read", "write"] as const) {
    const granted = permissions[kind];
    if (Array.isArray(granted)) permissions[kind] = granted.map(absolute);
  }
  return { ...filter, script: absolute(filter.script), permissions };
}

function spelledAsOption(problem: ConfigProblem, options: ParsedOptions): ConfigProblem {
  const option = SPELLINGS.find(([key, name]) => key === problem.key && options[name] !== undefined)
    ?.[1];
  return option === undefined ? problem : { ...problem, key: `--${option}` };
}

function tableOf(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {};
}

/** A number as it was typed; what is none is left for the check to name. */
function numberOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
