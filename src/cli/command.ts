/**
 * Commands of the command line: one description that parsing, help,
 * completions and the man page are all made from.
 */

import { parseArgs } from "@std/cli/parse-args";
import { suggestion } from "../schema.ts";
import { hintForOption, hintForWord } from "./hints.ts";

/** Words there are to choose from, each with what it means, in a few words. */
export type Choices = Readonly<Record<string, string>>;

/** One option of a command. */
export interface Option {
  /** Its name, without dashes. */
  name: string;
  /** A one-letter form. */
  short?: string;
  /**
   * Name of its value in help; an option without is a switch. Shells complete
   * what is called `FILE`, `PATH`, `FOLDER` or `URL`.
   */
  value?: string;
  /** Values that it may have; any without. */
  choices?: Choices;
  /** Whether it may be repeated; its values are then joined as lines. */
  many?: boolean;
  /** A line of help. */
  help: string;
  /** Words that are its values even where they stand alone. */
  like?: RegExp;
  /** The letter that other programs have for it. */
  letter?: string;
  /** The beginning that all its values have, which shells offer. */
  start?: string;
}

/** Something that a command takes by its place. */
export interface Operand {
  /** Its name, in options and in help; completed as an option's value is, and `FILTER` too. */
  name: string;
  /** Values that it may have; any without. */
  choices?: Choices;
  /** Whether there may be more of the last one; all are then joined as lines. */
  many?: boolean;
  /** Whether it may be left out; those after it come first in their places then. */
  isOptional?: boolean;
  /**
   * Whether it is a command of its own, which may be left out: nfscribe's options stand
   * before it, and all that follows belongs to it. Its words are joined by NUL, which no
   * argument holds.
   */
  isCommand?: boolean;
  /** A line of help. */
  help: string;
}

/** One command. */
export interface Command {
  /** The word behind `nfscribe`. */
  name: string;
  /** A line of help. */
  summary: string;
  /** More about it: paragraphs, filled to the width there is; lines that begin with a blank stay. */
  details: string;
  /** Operands; another command may be left out, and what is optional. */
  operands?: readonly Operand[];
  options: readonly Option[];
  /** Lines to type, each with what it does. */
  examples: readonly (readonly [line: string, help: string])[];
  /** Runs the command; returns the exit status. */
  execute(options: ParsedOptions): Promise<number>;
}

/** Option values by name; a switch that was given is the empty text. */
export type ParsedOptions = Readonly<Record<string, string | undefined>>;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const HELP: Option = { name: "help", short: "h", help: "show this help" };

/** As in `bash, zsh or fish`. */
export function oneOf(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** Returns all options of a command, `--help` among them. */
export function optionsOf(command: Command): readonly Option[] {
  return [...command.options, HELP];
}

/** Options that take a value. */
type Valued = Option & { value: string };

/**
 * Reads a command's options and operands.
 *
 * @param args What follows it.
 * @throws {UsageError} If an option is unknown or lacks its value, a word is none of those to
 * choose from, or something is missing or left over.
 */
export function parseOptions(command: Command, args: readonly string[]): ParsedOptions {
  const other = command.operands?.find(({ isCommand }) => isCommand === true);
  if (other !== undefined) return withCommand(command, other, args);
  const options = optionsOf(command);
  const valued = options.filter((option): option is Valued => option.value !== undefined);
  const switches = options.filter(({ value }) => value === undefined);
  const withValue = valued.map(({ name }) => name);
  const parsed = parseArgs(joinValues(args, valued), {
    string: [...withValue, "_"],
    collect: withValue,
    boolean: switches.map(({ name }) => name),
    alias: Object.fromEntries(
      options.flatMap(({ name, short }) => short === undefined ? [] : [[short, name]]),
    ),
    unknown: (argument: string, key?: string) => {
      if (key === undefined) return true; // left over: see below
      throw new UsageError(`There is no option ${argument}${optionHint(key, options)}`);
    },
  });
  const result: Record<string, string> = {};
  for (const { name } of switches) if (parsed[name] === true) result[name] = "";
  // What else is wrong can wait for who asks for help.
  if (result.help !== undefined) return result;
  for (const option of valued) {
    const given = parsed[option.name] as string[];
    checkValues(option, given);
    if (given.length > 0) result[option.name] = given.join("\n");
  }
  return { ...result, ...operandsOf(command, parsed._.map(String)) };
}

/** Parses arguments where another command follows, whose options are its own. */
function withCommand(command: Command, other: Operand, args: readonly string[]): ParsedOptions {
  const found = args.findIndex((arg) => !arg.startsWith("-") || arg === "--");
  const end = found < 0 ? args.length : found;
  const own = parseOptions({ ...command, operands: [] }, args.slice(0, end));
  const words = args.slice(args[end] === "--" ? end + 1 : end);
  return words.length === 0 || own.help !== undefined
    ? own
    : { ...own, [other.name]: words.join("\0") };
}

/** Returns the message for an unknown option. */
function optionHint(key: string, options: readonly Option[]): string {
  const names = options.map(({ name }) => name);
  return hintForOption(key, options) ?? suggestion(`--${key}`, names.map((name) => `--${name}`));
}

function checkValues({ name, value, choices, many = false }: Valued, given: readonly string[]) {
  if (given.length > 1 && !many) {
    throw new UsageError(`--${name} is given ${given.length} times; give it once`);
  }
  if (given.includes("")) throw new UsageError(`--${name} lacks its value: --${name} ${value}`);
  for (const word of given) checkChoice(`--${name}`, choices, word);
}

function checkChoice(what: string, choices: Choices | undefined, word: string): void {
  if (choices === undefined || Object.hasOwn(choices, word)) return;
  throw new UsageError(`${what} cannot be "${word}"${suggestion(word, Object.keys(choices))}`);
}

function operandsOf(command: Command, left: string[]): Record<string, string> {
  const operands = present(command.operands ?? [], left.length);
  if (operands.at(-1)?.many === true && left.length > operands.length) {
    left.push(left.splice(operands.length - 1).join("\n"));
  }
  const extra = left[operands.length];
  if (extra !== undefined) throw leftOver(command, extra);
  for (const [index, { isOptional }] of operands.entries()) {
    // A word that is an option's value is meant for the option.
    const word = left[index]!;
    if (isOptional === true && hintForWord(word, command.options) !== undefined) {
      throw leftOver(command, word);
    }
  }
  return Object.fromEntries(operands.map(({ name, help, choices }, index) => {
    const given = left[index];
    if (given === undefined) {
      throw new UsageError(
        `${name} is missing: ${choices === undefined ? help : oneOf(Object.keys(choices))}`,
      );
    }
    checkChoice(name, choices, given);
    return [name, given];
  }));
}

/** Returns the operands of so many words: optional ones are left out from the first on. */
function present(operands: readonly Operand[], words: number): readonly Operand[] {
  const first = operands.find(({ isOptional }) => isOptional === true);
  return words >= operands.length || first === undefined
    ? operands
    : present(operands.filter((operand) => operand !== first), words);
}

function leftOver(command: Command, word: string): UsageError {
  const { operands = [] } = command;
  const takes = operands.length === 0
    ? "options only"
    : `${operands.map(({ name }) => name).join(" and ")} beside options`;
  const meant = hintForWord(word, command.options);
  return new UsageError(
    `Cannot use "${word}": ${command.name} takes ${takes}${
      meant === undefined ? "" : `; did you mean ${meant}?`
    }`,
  );
}

/**
 * Joins `--pcap -` to `--pcap=-`: parseArgs takes a lone dash, and nothing at all, for
 * an argument of its own, and `-A INPUT` for an option.
 */
function joinValues(args: readonly string[], valued: readonly Option[]): string[] {
  const flags = valued.flatMap(({ name, short }) =>
    short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
  );
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const belongs = /^(-|-.*\s.*)?$/s.test(arg) && flags.some((flag) => before === flag);
    if (belongs) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
