/**
 * A configuration: what TOML or the command line says, checked and typed. The
 * options of sources, outputs and the filter are their own; here they are put
 * together.
 *
 * @module
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { FilterOptions } from "../filter/options.ts";
import { isTable, suggestion } from "../schema.ts";
import { checkFilter } from "./filter.ts";
import { statsEntries, type StatsOptions } from "./stats.ts";
import { logEntries, type LogOptions } from "./log.ts";
import { checkOutputs, isSameFile } from "./outputs.ts";
import { checkSources } from "./sources.ts";
import { checkOptions, type Part } from "./table.ts";

export type { LogOptions } from "./log.ts";
export type { Part } from "./table.ts";

/** A whole configuration. */
export interface Config {
  /** Where packets come from, at least one. */
  sources: Part[];
  /** What decides where they go; without it, their sources do. */
  filter: FilterOptions | undefined;
  /** Where they go, at least one. */
  outputs: Part[];
  /** nfscribe's own messages. */
  log: LogOptions;
  /** Where its counters can be asked for. */
  stats: StatsOptions;
}

const TOP_LEVEL = ["source", "filter", "output", "log", "stats"];

/**
 * Checks a configuration.
 *
 * @param value What TOML says, or an object of the same shape.
 * @param file Where it stands, for messages.
 * @returns The configuration, with defaults filled in.
 * @throws {ConfigError} If anything is wrong; it names everything that is.
 */
export function checkConfig(value: Record<string, unknown>, file: string): Config {
  const problems: ConfigProblem[] = [];
  for (const key of Object.keys(value)) {
    if (TOP_LEVEL.includes(key)) continue;
    problems.push({ key, message: `unknown key${suggestion(key, TOP_LEVEL)}` });
  }
  // Outputs that are wrong themselves are there all the same.
  const outputNames = isTable(value.output) ? Object.keys(value.output) : [];
  const sources = checkSources(
    value.source,
    { outputs: outputNames, filtered: value.filter !== undefined },
    problems,
  );
  const filter = checkFilter(value.filter, problems);
  const outputs = checkOutputs(value.output, problems);
  const log = checkOptions(logEntries, value.log ?? {}, "log", problems);
  const stats = checkOptions(statsEntries, value.stats ?? {}, "stats", problems);
  for (const { name, options: { path } } of outputs) {
    const key = `output.${name}.path`;
    const source = sources.find(({ options }) => isSameFile(options.path, path));
    if (source !== undefined) {
      problems.push({ key, message: `"${path}" is what source "${source.name}" reads` });
    }
    // As the log, "-" is standard error.
    if (path !== "-" && isSameFile(log.file, path)) {
      problems.push({ key, message: `"${path}" is the log's file` });
    }
  }
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { sources, filter, outputs, log: log as unknown as LogOptions, stats };
}
