/**
 * The few schemas that options are composed from, with messages for people.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import * as v from "valibot";
import type { ConfigProblem } from "./errors.ts";
import { hasControl, NO_CONTROL, normalPath } from "./text/shortest_path.ts";

/** A schema whose value is a `T`. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** Option names and what each may hold. */
export type Entries = Readonly<Record<string, Schema<unknown>>>;

/**
 * A whole number within bounds.
 *
 * @param least The least value.
 * @param most The largest value.
 * @param step What it must be a multiple of.
 * @returns The schema; its one message tells all three.
 */
export function wholeNumber(least: number, most: number, step = 1): Schema<number> {
  const kind = step === 1 ? "a whole number" : `a multiple of ${step}`;
  const message = `must be ${kind} from ${least} to ${most}`;
  const whole = v.pipe(v.number(message), v.integer(message));
  const within = v.pipe(whole, v.minValue(least, message), v.maxValue(most, message));
  return step === 1 ? within : v.pipe(within, v.multipleOf(step, message)) as Schema<number>;
}

/** `true` or `false`. */
export function yesOrNo(): Schema<boolean> {
  return v.boolean("must be true or false") as Schema<boolean>;
}

/**
 * Text that is not empty, without control characters: it may become a word of a command line.
 *
 * @param what What it says, as in `a host's name`.
 */
export function text(what: string): Schema<string> {
  return word(`must be ${what}`) as Schema<string>;
}

/**
 * A file's or folder's path, in its shortest form.
 *
 * @param what What it names, as in `a folder's path`.
 */
export function path(what: string): Schema<string> {
  return v.pipe(word(`must be ${what}`), shortest) as Schema<string>;
}

const shortest = v.transform(normalPath);

/** Says what is wrong with a value where one of several schemas must fit. */
function unlessControl(message: string) {
  return ({ input }: { input: unknown }): string =>
    [input].flat().some((text) => typeof text === "string" && hasControl(text))
      ? NO_CONTROL
      : message;
}

/** Text that is neither empty nor has control characters. */
function word(message: string) {
  return v.pipe(
    v.string(message),
    v.nonEmpty(message),
    v.check((text) => !hasControl(text), NO_CONTROL),
  );
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  const message = `must be ${words.map((word) => `"${word}"`).join(" or ")}`;
  return v.picklist(words, message) as unknown as Schema<Word>;
}

/** A list of some of a few words; it may be empty. */
export function someOf<const Word extends string>(words: readonly Word[]): Schema<Word[]> {
  const message = `must be a list of ${words.map((word) => `"${word}"`).join(", ")}`;
  return v.array(v.picklist(words, message), message) as unknown as Schema<Word[]>;
}

/** One of a few numbers. */
export function oneNumberOf<const N extends number>(numbers: readonly N[]): Schema<N> {
  return v.picklist(numbers, `must be ${numbers.join(" or ")}`) as unknown as Schema<N>;
}

/**
 * Text that is not empty, or a whole number.
 *
 * @param what What it says, as in `a path or a process id`.
 */
export function textOrNumber(what: string): Schema<string | number> {
  const message = `must be ${what}`;
  const number = v.pipe(v.number(message), v.integer(message), v.minValue(0, message));
  return v.union([word(message), number], unlessControl(message)) as Schema<string | number>;
}

/** A list of different whole numbers within bounds, at least one. */
export function wholeNumbers(least: number, most: number): Schema<number[]> {
  const message = `must be a list of different whole numbers from ${least} to ${most}`;
  const number = v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
  return v.pipe(
    v.array(number, message),
    v.nonEmpty(message),
    v.check((numbers) => new Set(numbers).size === numbers.length, message),
  ) as Schema<number[]>;
}

/**
 * A list of texts, at least one.
 *
 * @param what What they are, as in `names of outputs`.
 */
export function list(what: string): Schema<string[]> {
  return texts(`must be a list of ${what}`);
}

/**
 * A path, or a list of paths, at least one; each in its shortest form.
 *
 * @param what What they name, as in `a file's path, or a list of them`.
 */
export function pathOrList(what: string): Schema<string | string[]> {
  const message = `must be ${what}`;
  const one = v.pipe(word(message), shortest);
  return v.union([one, paths(message)], unlessControl(message)) as Schema<string | string[]>;
}

/**
 * `true`, which stands for all, or a list of texts, at least one.
 *
 * @param what What they are, as in `names of variables`.
 */
export function allOrList(what: string): Schema<true | string[]> {
  const message = `must be true or a list of ${what}`;
  return v.union([v.literal(true, message), texts(message)], unlessControl(message)) as Schema<
    true | string[]
  >;
}

/** `true`, which stands for all, or a list of paths, at least one; each in its shortest form. */
export function allOrPaths(): Schema<true | string[]> {
  const message = "must be true or a list of paths";
  return v.union([v.literal(true, message), paths(message)], unlessControl(message)) as Schema<
    true | string[]
  >;
}

function texts(message: string): Schema<string[]> {
  return v.pipe(v.array(word(message), message), v.nonEmpty(message)) as Schema<string[]>;
}

function paths(message: string): Schema<string[]> {
  const item = v.pipe(word(message), shortest);
  return v.pipe(v.array(item, message), v.nonEmpty(message)) as Schema<string[]>;
}

/** A table, whose own options are checked apart. */
export function table(): Schema<Record<string, unknown>> {
  return v.custom<Record<string, unknown>>(isTable, "must be a table");
}

/**
 * An option and what it is for, which editors show.
 *
 * @param description As in `bytes kept of each packet; 0 keeps all`.
 * @param schema What it may hold.
 */
export function described<T>(description: string, schema: Schema<T>): Schema<T> {
  return v.pipe(schema, v.description(description)) as Schema<T>;
}

/** An option that may be left out, and the value it then has. */
export function optional<T>(schema: Schema<T>, byDefault: T): Schema<T> {
  return v.optional(schema, byDefault as never) as Schema<T>;
}

/** An option that may be left out, and is then absent. */
export function omittable<T>(schema: Schema<T>): Schema<T | undefined> {
  return v.optional(schema);
}

/**
 * What to say of a word that is not known.
 *
 * @param known The words there are.
 * @returns As in `; did you mean "group"?`, or what there is to choose from.
 */
export function suggestion(word: string, known: readonly string[]): string {
  const closest = known.length > 0 ? closestString(word, known) : undefined;
  if (closest !== undefined && near(word, closest)) return `; did you mean "${closest}"?`;
  return known.length > 0 ? `; there is ${known.map((name) => `"${name}"`).join(", ")}` : "";
}

/** Whether two words share most of their letters, in order. */
function near(a: string, b: string): boolean {
  let shared = 0;
  let from = 0;
  for (const letter of a) {
    const at = b.indexOf(letter, from);
    if (at < 0) continue;
    shared++;
    from = at + 1;
  }
  return shared * 2 > Math.max(a.length, b.length);
}

/**
 * Checks a table of options.
 *
 * @param entries The options there are; any other is a problem.
 * @param value What the user wrote.
 * @param place Where it stands, as in `source[0]`; empty at the top.
 * @returns The options that are right, with their defaults, and everything that is wrong.
 */
export function checkTable(
  entries: Entries,
  value: unknown,
  place: string,
): { options: Record<string, unknown>; problems: ConfigProblem[] } {
  if (!isTable(value)) {
    return { options: {}, problems: [{ key: place, message: "must be a table" }] };
  }
  const options: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  const report = (name: string, message: string) =>
    problems.push({ key: place === "" ? name : `${place}.${name}`, message });
  for (const [name, schema] of Object.entries(entries)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const result = v.safeParse(schema, given);
    if (!result.success) {
      report(
        name,
        given === undefined ? "is missing" : `${result.issues[0].message}, not ${shown(given)}`,
      );
    } else if (result.output !== undefined) {
      options[name] = result.output;
    }
  }
  const known = Object.keys(entries);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(entries, name)) report(name, `unknown key${suggestion(name, known)}`);
  }
  return { options, problems };
}

/** Whether a value is a table, as TOML has it. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** A value as a user may have written it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return isTable(value) ? "a table" : String(value);
}
