/**
 * What a command of the command line is: one description that parsing and help
 * are both made from.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { suggestion } from "../schema.ts";

/** One option of a command. */
export interface Option {
  /** Its name, without dashes. */
  name: string;
  /** A one-letter form. */
  short?: string;
  /** What its value is called in help; an option without is a switch. */
  value?: string;
  /** Whether it may be repeated; its values are then joined as lines. */
  many?: boolean;
  /** What it does, in a line. */
  help: string;
}

/** Something that a command takes by its place. */
export interface Operand {
  /** What it is called, in options and in help, as in `FILTER`. */
  name: string;
  /** Whether there may be more of the last one; all are then joined as lines. */
  many?: boolean;
  /** What it is, in a line. */
  help: string;
}

/** One command. */
export interface Command {
  /** What is typed behind `nfscribe`. */
  name: string;
  /** What it does, in a line. */
  summary: string;
  /** More about it. */
  details: string;
  /** What it takes beside options, all of it needed. */
  operands?: readonly Operand[];
  /** Its options. */
  options: readonly Option[];
  /** Lines to type, each with what it does. */
  examples: readonly (readonly [line: string, help: string])[];
  /** Does it; returns the exit status. */
  execute(options: ParsedOptions): Promise<number>;
}

/** Option values by name; a switch that was given is the empty text. */
export type ParsedOptions = Readonly<Record<string, string | undefined>>;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const HELP: Option = { name: "help", short: "h", help: "show this help" };

/**
 * Reads a command's options.
 *
 * @param command The command.
 * @param args What follows it.
 * @throws {UsageError} If an option is unknown or lacks its value, or something is left over.
 */
export function parseOptions(command: Command, args: readonly string[]): ParsedOptions {
  const options = [...command.options, HELP];
  const names = options.map(({ name }) => name);
  const withValue = options.filter(({ value }) => value !== undefined).map(({ name }) => name);
  const parsed = parseArgs(joinValues(args, withValue), {
    string: withValue,
    collect: withValue,
    boolean: options.filter(({ value }) => value === undefined).map(({ name }) => name),
    alias: Object.fromEntries(
      options.flatMap(({ name, short }) => short === undefined ? [] : [[short, name]]),
    ),
    unknown: (argument: string, key?: string) => {
      if (key === undefined) return true; // left over: see below
      const flags = names.map((name) => `--${name}`);
      throw new UsageError(`There is no option ${argument}${suggestion(`--${key}`, flags)}`);
    },
  });
  const result: Record<string, string> = {};
  const left = parsed._.map(String);
  const { operands = [] } = command;
  const last = operands.at(-1);
  if (last?.many === true && left.length > operands.length) {
    left.push(left.splice(operands.length - 1).join("\n"));
  }
  if (left.length > operands.length) {
    const takes = operands.length === 0
      ? "options only"
      : `${operands.map(({ name }) => name).join(" and ")} beside options`;
    throw new UsageError(`Cannot use "${left[operands.length]}": ${command.name} takes ${takes}`);
  }
  if (parsed.help !== true && left.length < operands.length) {
    const { name, help } = operands[left.length]!;
    throw new UsageError(`${name} is missing: ${help}`);
  }
  operands.forEach(({ name }, index) => {
    if (left[index] !== undefined) result[name] = left[index]!;
  });
  for (const { name, value, many = false } of options) {
    if (value === undefined) {
      if (parsed[name] === true) result[name] = "";
      continue;
    }
    const given = parsed[name] as string[];
    if (given.length > 1 && !many) {
      throw new UsageError(`--${name} is given ${given.length} times; give it once`);
    }
    if (given.includes("")) throw new UsageError(`--${name} lacks its value: --${name} ${value}`);
    if (given.length > 0) result[name] = given.join("\n");
  }
  return result;
}

/**
 * `--pcap -` to `--pcap=-`: parseArgs takes a lone dash, and nothing at all, for
 * an argument of its own, and `-A INPUT` for an option.
 */
function joinValues(args: readonly string[], withValue: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const belongs = /^(-|-.*\s.*)?$/s.test(arg) && withValue.some((name) => before === `--${name}`);
    if (belongs) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

/** A command's help, at most 80 columns wide where its texts allow. */
export function helpText(command: Command): string {
  const options = [...command.options, HELP];
  const flags = options.map(({ name, short, value }) =>
    `${short === undefined ? "    " : `-${short}, `}--${name}${
      value === undefined ? "" : ` ${value}`
    }`
  );
  const { operands = [] } = command;
  const width = Math.max(...flags.map((flag) => flag.length));
  return [
    `nfscribe ${command.name}: ${command.summary}`,
    "",
    command.details,
    "",
    `Usage: nfscribe ${[command.name, ...operands.map(shown), "[OPTION…]"].join(" ")}`,
    ...operands.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`),
    "",
    "Options:",
    ...options.map(({ help }, index) => `  ${flags[index]!.padEnd(width)}  ${help}`),
    "",
    "Examples:",
    ...command.examples.flatMap(([line, help]) => [`  ${line}`, `      ${help}`]),
  ].join("\n");
}

function shown({ name, many = false }: Operand): string {
  return many ? `${name}…` : name;
}
