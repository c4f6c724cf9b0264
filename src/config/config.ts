/**
 * A configuration: what TOML or the command line says, checked and typed. The
 * options of sources and outputs are their own; here they are put together.
 *
 * @module
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import { writers } from "../output/writers.ts";
import {
  checkTable,
  type Entries,
  isTable,
  omittable,
  oneOf,
  optional,
  suggestion,
  text,
} from "../schema.ts";
import { readers } from "../source/readers.ts";
import { camelCaseKeys, snakeCaseEntries } from "./spelling.ts";

/** One source or output. */
export interface Part {
  /** Its name, in messages and counters. */
  name: string;
  /** Its type, as in `nflog`. */
  type: string;
  /** Its checked options. */
  options: Record<string, unknown>;
}

/** How nfscribe tells about itself. */
export interface LogOptions {
  /** A file; `-` is standard error. */
  file: string;
  /** The least important level that is told. */
  level: "debug" | "info" | "warn" | "error";
  /** For people or for machines. */
  format: "text" | "json";
}

/** A whole configuration. */
export interface Config {
  /** Where packets come from, at least one. */
  sources: Part[];
  /** Where they go, at least one. */
  outputs: Part[];
  /** nfscribe's own messages. */
  log: LogOptions;
}

const LOG_ENTRIES = {
  file: optional(text("a file's path, or - for standard error"), "-"),
  level: optional(oneOf(["debug", "info", "warn", "error"]), "info"),
  format: optional(oneOf(["text", "json"]), "text"),
} satisfies Entries & { [Name in keyof LogOptions]: unknown };

const TOP_LEVEL = ["source", "output", "log"];

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
  const sources = checkSources(value.source, problems);
  const outputs = checkOutputs(value.output, problems);
  const log = check(LOG_ENTRIES, value.log ?? {}, "log", problems);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return { sources, outputs, log: log as unknown as LogOptions };
}

function checkSources(value: unknown, problems: ConfigProblem[]): Part[] {
  const tables = Array.isArray(value) ? value : value === undefined ? [] : undefined;
  if (tables === undefined) {
    problems.push({ key: "source", message: "must be a list of tables: write [[source]]" });
    return [];
  }
  if (tables.length === 0) {
    problems.push({
      key: "source",
      message: `is missing; add [[source]] with type = "nflog" and the rule's group`,
    });
  }
  const parts: Part[] = [];
  tables.forEach((table: unknown, index) => {
    const place = `source[${index}]`;
    const type = typeOf(table, undefined, place, Object.keys(readers), problems);
    const known = type === undefined ? undefined : readers[type];
    if (type === undefined || known === undefined) return;
    const entries = { name: omittable(text("a name")), type: text("a type"), ...known.entries };
    const { name, type: _, ...options } = check(entries, table, place, problems);
    const identity = options[known.identity];
    if (identity === undefined) return; // its problems are named already
    const part = { name: String(name ?? `${type}:${identity}`), type, options };
    const twin = parts.findIndex((other) =>
      other.type === type && other.options[known.identity] === identity
    );
    if (twin >= 0) {
      problems.push({
        key: `${place}.${known.identity}`,
        message: `${identity} is the ${known.identity} of source "${parts[twin]!.name}" already`,
      });
    } else if (parts.some((other) => other.name === part.name)) {
      problems.push({ key: `${place}.name`, message: `"${part.name}" is another source's name` });
    }
    parts.push(part);
  });
  return parts;
}

function checkOutputs(value: unknown, problems: ConfigProblem[]): Part[] {
  if (value !== undefined && !isTable(value)) {
    problems.push({ key: "output", message: "must hold tables: write [output.pcap]" });
    return [];
  }
  const tables = Object.entries(value ?? {});
  if (tables.length === 0) {
    problems.push({ key: "output", message: "is missing; add [output.pcap] with a path" });
  }
  return tables.flatMap(([name, table]) => {
    const place = `output.${name}`;
    const type = typeOf(table, name, place, Object.keys(writers), problems);
    const known = type === undefined ? undefined : writers[type];
    if (type === undefined || known === undefined) return [];
    const entries = { type: optional(text("a type"), type), ...known.entries };
    const { type: _, ...options } = check(entries, table, place, problems);
    return [{ name, type, options }];
  });
}

/** The type that a table names, if there is such a type. */
function typeOf(
  table: unknown,
  byDefault: string | undefined,
  place: string,
  known: readonly string[],
  problems: ConfigProblem[],
): string | undefined {
  if (!isTable(table)) {
    problems.push({ key: place, message: "must be a table" });
    return undefined;
  }
  const type = table.type ?? byDefault;
  if (typeof type === "string" && known.includes(type)) return type;
  problems.push({
    key: `${place}.type`,
    message: type === undefined
      ? `is missing; there is ${known.map((name) => `"${name}"`).join(", ")}`
      : `there is no type ${JSON.stringify(type)}${suggestion(String(type), known)}`,
  });
  return undefined;
}

/** Checks one table as a configuration file spells it. */
function check(
  entries: Entries,
  table: unknown,
  place: string,
  problems: ConfigProblem[],
): Record<string, unknown> {
  const checked = checkTable(snakeCaseEntries(entries), table, place);
  problems.push(...checked.problems);
  return camelCaseKeys(checked.options);
}
