/** The configuration of `nfscribe watch`: groups, and a filter if one is named. */

import { CAPTURED } from "../../capture.ts";
import { COUNTED } from "../../accounting.ts";
import { TRACKED } from "../../conntrack.ts";
import { checkConfig, type Config } from "../../config/config.ts";
import { foundFile, usualFile } from "../../config/file.ts";
import { ConfigError } from "../../errors.ts";
import { isTable } from "../../schema.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { expressionOf } from "../expression.ts";
import { readFoundFile } from "../found_config.ts";
import { ACCEPTING_OUTPUTS, DEFAULT_OUTPUTS, namedOutputs } from "../named_outputs.ts";
import { NO_SOURCE, numberOf, withAbsolutePaths } from "../options.ts";

/**
 * Longest time for which the kernel collects packets, in milliseconds: packets without its
 * stamp are sorted by the time of their receipt.
 */
const QUEUE_TIMEOUT_MS = 20;

/** Returns the configuration file that says which groups there are; undefined where options do. */
export function fileOf(options: ParsedOptions): string | undefined {
  return options.config ?? (namesSource(options) ? undefined : usualFile());
}

/** Returns whether options name something to read. */
export function namesSource({ group, conntrack, accounting }: ParsedOptions): boolean {
  return group !== undefined || conntrack !== undefined || accounting !== undefined;
}

/**
 * Reads and checks what options, and the file that they name, say about groups and filter.
 *
 * @returns A configuration of NFLOG sources, whose outputs are names only.
 * @throws {ConfigError} If anything is wrong; all of it is named.
 * @throws {UsageError} If nothing says which groups, or options contradict each other.
 */
export async function watchConfig(options: ParsedOptions): Promise<Config> {
  const { filter, outputs, stats } = options;
  const where = whereOf(options);
  const others = ["conntrack", "accounting"].filter((name) => options[name] !== undefined);
  if (others.length > 0 && stats !== undefined) {
    throw new UsageError(`--stats counts packets of groups; leave --${others[0]} out`);
  }
  if (filter !== undefined && stats !== undefined) {
    throw new UsageError("--stats counts all packets of a group; leave --filter out");
  }
  if (outputs !== undefined && filter === undefined) {
    throw new UsageError("--outputs are what a filter may name; add --filter FILE");
  }
  const file = fileOf(options);
  const value = file === undefined ? {} : await readFile(file, options);
  const names = filter === undefined
    ? ACCEPTING_OUTPUTS
    : outputs ?? (value.output === undefined ? DEFAULT_OUTPUTS : undefined);
  const place = file ?? "nfscribe watch";
  const config = check({
    ...filter !== undefined && {
      filter: {
        ...isTable(value.filter) && value.filter,
        ...where !== undefined && { where },
        script: filter,
        workers: 1,
      },
    },
    ...filter === undefined && where !== undefined && { filter: { where } },
    output: names === undefined ? value.output : namedOutputs(names),
    source: sourcesOf(options, value.source, place),
    ...value.actions !== undefined && { actions: value.actions },
  }, place);
  return config.filter === undefined
    ? config
    : { ...config, filter: withAbsolutePaths(config.filter) };
}

/** Returns the expression that operands or `--where` say. */
export function whereOf(options: ParsedOptions): string | undefined {
  const { where } = options;
  const operands = expressionOf(options);
  if (operands === undefined || where === undefined) return where ?? operands;
  throw new UsageError(
    "--where and the words without an option both choose packets; join them by and",
  );
}

/**
 * Reads how many packets are to be shown.
 *
 * @returns The number that `--count` names; Infinity without.
 * @throws {UsageError} If it is none.
 */
export function countOf({ count }: ParsedOptions): number {
  if (count === undefined) return Infinity;
  if (/^[1-9]\d*$/.test(count)) return Number(count);
  throw new UsageError(`--count must be a whole number from 1, not "${count}"`);
}

/** Reads the configuration file; only one that was named must be there. */
function readFile(file: string, options: ParsedOptions): Promise<Record<string, unknown>> {
  if (options.config === undefined && foundFile() === undefined) {
    throw new UsageError(NO_SOURCE);
  }
  return readFoundFile(file, options);
}

/** Returns the sources as a configuration would have them. */
function sourcesOf(options: ParsedOptions, value: unknown, file: string): unknown {
  const { group, conntrack, accounting, stats, "copy-range": copyRange } = options;
  const range = copyRange === undefined ? {} : { copy_range: numberOf(copyRange) };
  if (namesSource(options)) {
    const groups = group?.split("\n").map((one) => ({
      type: CAPTURED,
      group: numberOf(one),
      queue_timeout_ms: QUEUE_TIMEOUT_MS,
      ...range,
    }));
    const flows = { type: TRACKED, events: conntrack?.split(",") };
    const counters = { type: COUNTED, interval_seconds: numberOf(accounting ?? "") };
    return [
      ...groups ?? [],
      ...conntrack === undefined ? [] : [flows],
      ...accounting === undefined ? [] : [counters],
    ];
  }
  // What is no list of tables is left for the check to name.
  if (!Array.isArray(value) || !value.every(isTable)) return value;
  const watched = value.filter(({ type }) =>
    type === CAPTURED || type === undefined || isOther(type) && stats === undefined
  );
  if (watched.length === 0) {
    throw new ConfigError(file, [{
      key: "source",
      message: `none is of type "${CAPTURED}", and groups are what is watched; name one by --group`,
    }]);
  }
  return watched.map(({ outputs: _, ...source }) => ({
    ...source,
    ...!isOther(source.type) && range,
  }));
}

/** Returns whether a type of source makes other records than packets. */
function isOther(type: unknown): boolean {
  return type === TRACKED || type === COUNTED;
}

function check(value: Record<string, unknown>, file: string): Config {
  try {
    return checkConfig(value, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      file,
      error.problems.map(({ key, message }) => ({ key: spelledAsOption(key, file), message })),
    );
  }
}

function spelledAsOption(key: string, file: string): string {
  if (/^source\[\d+\]\.copy_range$/.test(key)) return "--copy-range";
  if (key === "filter.script") return "--filter";
  if (key === "filter.where") return "--where";
  if (file === "nfscribe watch" && /^source\[\d+\]\.events$/.test(key)) return "--conntrack";
  if (file === "nfscribe watch" && /^source\[\d+\]\.interval_seconds$/.test(key)) {
    return "--accounting";
  }
  return file === "nfscribe watch" && /^source\[\d+\]\.(group|name)$/.test(key) ? "--group" : key;
}
