/**
 * A configuration: what TOML or the command line says, checked and typed. The
 * options of sources, outputs and the filter are their own; here they are put
 * together.
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { FilterOptions } from "../filter/options.ts";
import type { ActionPatterns } from "../packet/actions.ts";
import { described, type Entries, isTable, optional, suggestion, wholeNumber } from "../schema.ts";
import { checkActions } from "./actions.ts";
import { kindsOf, unacceptedKinds } from "./kinds.ts";
import { parseAddress } from "./address.ts";
import { checkFilter } from "./filter.ts";
import { statsEntries, type StatsOptions } from "./stats.ts";
import { logEntries, type LogOptions } from "./log.ts";
import { checkOutputs, isSameFile, queueOf } from "./outputs.ts";
import { outputs as outputTypes } from "../output/outputs.ts";
import { kindOf } from "../source/define.ts";
import { sources as sourceTypes } from "../source/sources.ts";
import { checkSources } from "./sources.ts";
import { snakeCaseEntries } from "./spelling.ts";
import { checkOptions, type Part } from "./table.ts";
import { webEntries, type WebOptions, webProblems } from "./web.ts";
import { userEntries, type UserOptions, userProblems } from "./user.ts";

export type { LogOptions } from "./log.ts";
export type { Part } from "./table.ts";

/** A whole configuration. */
export interface Config extends UserOptions {
  /** Sources of packets, at least one. */
  sources: Part[];
  /** The filter that decides where they go; without a script, their sources do. */
  filter: FilterOptions | undefined;
  /** Outputs, at least one. */
  outputs: Part[];
  /** Actions of rules, by patterns of prefixes. */
  actions: ActionPatterns;
  /** nfscribe's own messages. */
  log: LogOptions;
  /** Addresses that serve its counters. */
  stats: StatsOptions;
  /** The web page, which a process of its own shows; absent where nothing is said of it. */
  web?: WebOptions;
  /** Time limit of the stop, in milliseconds. */
  stopTimeoutMs: number;
}

/** Options outside of tables. */
export const topEntries = {
  ...userEntries,
  stopTimeoutMs: described(
    "How long the end may take once a signal asks for it, in milliseconds: what was received is " +
      "written until then.",
    optional(wholeNumber(0, 3_600_000), 10_000),
  ),
} satisfies Entries;

const TABLES = ["source", "filter", "output", "actions", "log", "stats", "web"];

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
  const outside = Object.entries(value).filter(([key]) => !TABLES.includes(key));
  const known = [...TABLES, ...Object.keys(snakeCaseEntries(topEntries))];
  for (const [key] of outside.filter(([key]) => !known.includes(key))) {
    problems.push({ key, message: `unknown key${suggestion(key, known)}` });
  }
  const top = checkOptions(
    topEntries,
    Object.fromEntries(outside.filter(([key]) => known.includes(key))),
    "",
    problems,
  );
  const { stopTimeoutMs, ...user } = top;
  problems.push(...userProblems(user));
  // Outputs that are wrong themselves are there all the same.
  const outputNames = isTable(value.output) ? Object.keys(value.output) : [];
  const sources = checkSources(
    value.source,
    { outputs: outputNames, filtered: isTable(value.filter) && value.filter.script !== undefined },
    problems,
  );
  const kinds = sources.map(({ type, options }) => kindOf(sourceTypes[type]!, options));
  const filter = checkFilter(value.filter, kinds, problems);
  const outputs = checkOutputs(value.output, problems, kinds);
  const actions = checkActions(value.actions, problems);
  const log = checkOptions(logEntries, value.log ?? {}, "log", problems);
  const stats: StatsOptions = checkOptions(statsEntries, value.stats ?? {}, "stats", problems);
  if (stats.metrics !== undefined && parseAddress(stats.metrics) === undefined) {
    problems.push({
      key: "stats.metrics",
      message: "must be a host and a port, as in 127.0.0.1:9477 or [::1]:9477",
    });
  }
  if (stats.metrics === undefined) problems.push(...withoutMetrics(outputs));
  const web: WebOptions = checkOptions(webEntries, value.web ?? {}, "web", problems);
  problems.push(...webProblems(web).map(({ key, message }) => ({ key: `web.${key}`, message })));
  problems.push(...unshown(web, outputs));
  problems.push(...takenPaths(outputs, [
    [file, "the configuration itself"],
    [filter?.script, "the filter's script"],
    [stats.socket, "the socket of [stats]"],
    [web.tokenFile, "the token of [web]"],
  ]));
  if (isSameFile(log.file, file)) {
    problems.push({ key: "log.file", message: `"${log.file}" is the configuration itself` });
  }
  for (const { name, options: { path } } of outputs) {
    const key = `output.${name}.path`;
    const source = sources.find(({ options }) =>
      [options.path].flat().some((input) => isSameFile(input, path))
    );
    // "-" is standard input there, and standard output here.
    if (source !== undefined && path !== "-") {
      problems.push({ key, message: `"${path}" is what source "${source.name}" reads` });
    }
    // As the log it is standard error.
    if (path !== "-" && isSameFile(log.file, path)) {
      problems.push({ key, message: `"${path}" is the log's file` });
    }
  }
  sources.forEach(({ type, options }, index) => {
    const key = user.user === undefined ? undefined : sourceTypes[type]!.keepsRights?.(options);
    if (key === undefined) return;
    problems.push({
      key: `source[${index}].${key}`,
      message: "takes CAP_NET_ADMIN as long as nfscribe runs, and user gives it up; leave one of " +
        "them out",
    });
  });
  const types = { sources: sourceTypes, outputs: outputTypes };
  if (problems.length === 0) problems.push(...unacceptedKinds(sources, outputs, types));
  if (problems.length > 0) throw new ConfigError(file, problems);
  for (const part of outputs) {
    outputTypes[part.type]!.fillIn?.(part.options, kindsOf(sources, part, types));
  }
  const mayBlock = outputs.length === 1 || sources.every(({ type }) => sourceTypes[type]!.canWait);
  for (const queue of outputs.flatMap((part) => queueOf(part) ?? [])) {
    queue.whenBehind ??= queue.spool !== undefined ? "spool" : mayBlock ? "block" : "drop";
  }
  return {
    sources,
    filter,
    outputs,
    actions,
    log,
    stats,
    ...value.web !== undefined && { web },
    stopTimeoutMs,
    ...user,
  };
}

/** Returns a problem if the web page is to show an output that has no database. */
function unshown({ output }: WebOptions, outputs: readonly Part[]): ConfigProblem[] {
  if (output === undefined) return [];
  const shown = outputs.filter(({ type }) => outputTypes[type]!.database !== undefined)
    .map(({ name }) => name);
  if (shown.includes(output)) return [];
  const message = `there is no output ${JSON.stringify(output)} with a database${
    suggestion(output, shown)
  }`;
  return [{ key: "web.output", message }];
}

/** Returns a problem for each output that /metrics shows. */
function withoutMetrics(outputs: readonly Part[]): ConfigProblem[] {
  return outputs.filter(({ type }) => outputTypes[type]!.needsMetrics).map(({ name }) => ({
    key: `output.${name}`,
    message: 'is shown at /metrics only; add metrics = "127.0.0.1:9477" to [stats]',
  }));
}

/** Returns a problem for each output to a file that is something else in this configuration. */
function takenPaths(
  outputs: readonly Part[],
  taken: readonly (readonly [path: string | undefined, what: string])[],
): ConfigProblem[] {
  return outputs.flatMap(({ name, options: { path } }) =>
    taken.filter(([other]) => isSameFile(path, other)).map(([, what]) => ({
      key: `output.${name}.path`,
      message: `"${path}" is ${what}`,
    }))
  );
}
