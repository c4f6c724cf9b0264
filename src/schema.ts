/** Schemas that options are composed from, with their error messages. */

import * as v from "valibot";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import { closestWord } from "./text/closest.ts";
import { hasControl, NO_CONTROL, normalPath } from "./text/path.ts";
import { snakeCase } from "./text/spelling.ts";

/** A schema whose value is a `T`. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** Schemas of options by name. */
export type Entries = Readonly<Record<string, Schema<unknown>>>;

/** The value of a schema. */
type Value<S> = S extends Schema<infer T> ? T : never;
/** Names of options that may be absent. */
type Omittable<E extends Entries> = {
  [Name in keyof E]: undefined extends Value<E[Name]> ? Name : never;
}[keyof E];
/** Checked options with their values; those without a default may be absent. */
export type OptionsOf<E extends Entries> =
  & { -readonly [Name in Exclude<keyof E, Omittable<E>>]: Value<E[Name]> }
  & { -readonly [Name in Omittable<E>]?: Exclude<Value<E[Name]>, undefined> };

/** Use of a path among options: a file or a folder to write, or a file to read. */
export type PathUse = "file" | "folder" | "input";

/**
 * Returns a schema for an integer within bounds.
 *
 * @param least The smallest value.
 * @param most The largest value.
 * @param step It must be a multiple of this.
 * @returns The schema; its one message states all three.
 */
export function wholeNumber(least: number, most: number, step = 1): Schema<number> {
  const kind = step === 1 ? "a whole number" : `a multiple of ${step}`;
  const message = `must be ${kind} from ${least} to ${most}`;
  const whole = v.pipe(v.number(message), v.integer(message));
  const within = v.pipe(whole, v.minValue(least, message), v.maxValue(most, message));
  return step === 1 ? within : v.pipe(within, v.multipleOf(step, message)) as Schema<number>;
}

/** Returns a schema for `true` or `false`. */
export function yesOrNo(): Schema<boolean> {
  return v.boolean("must be true or false") as Schema<boolean>;
}

/**
 * Returns a schema for text that is not empty and has no control characters: it may become a word
 * of a command line.
 *
 * @param what Meaning of the text, such as `a host's name`.
 */
export function text(what: string): Schema<string> {
  return word(`must be ${what}`) as Schema<string>;
}

/**
 * Returns a schema for an expression that chooses packets; its grammar is checked apart, with its
 * place in the text. It may have several lines.
 */
export function expressionText(): Schema<string> {
  const message = 'must be an expression, as in "tcp port 22"';
  return v.pipe(v.string(message), v.nonEmpty(message)) as Schema<string>;
}

/**
 * Returns a schema for the normalized path of a file or folder. In a configuration file it is
 * relative to that file.
 *
 * @param use Use of the path.
 * @param what Meaning of the path, such as `a folder's path`.
 */
export function path(use: PathUse, what: string): Schema<string> {
  return v.pipe(word(`must be ${what}`), shortest, v.metadata({ path: use })) as Schema<string>;
}

const shortest = v.transform(normalPath);

/** Returns the message for a value that no alternative of a schema accepts. */
function unlessControl(message: string) {
  return ({ input }: { input: unknown }): string =>
    [input].flat().some((text) => typeof text === "string" && hasControl(text))
      ? NO_CONTROL
      : message;
}

/** Returns a schema for text that is not empty and has no control characters. */
function word(message: string) {
  return v.pipe(
    v.string(message),
    v.nonEmpty(message),
    v.check((text) => !hasControl(text), NO_CONTROL),
  );
}

/** Returns a schema for one of several words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  const message = `must be ${words.map((word) => `"${word}"`).join(" or ")}`;
  return v.picklist(words, message) as unknown as Schema<Word>;
}

/**
 * Returns a schema for a list of some of several words.
 *
 * @param words The words.
 * @param least How many there must be at least; it may be empty if left out.
 */
export function someOf<const Word extends string>(
  words: readonly Word[],
  least = 0,
): Schema<readonly Word[]> {
  const message = `must be a list of ${words.map((word) => `"${word}"`).join(", ")}`;
  const some = v.array(v.picklist(words, message), message);
  const list = least === 0 ? some : v.pipe(some, v.minLength(least, message));
  return list as unknown as Schema<readonly Word[]>;
}

/** Returns a schema for one of several numbers. */
export function oneNumberOf<const N extends number>(numbers: readonly N[]): Schema<N> {
  return v.picklist(numbers, `must be ${numbers.join(" or ")}`) as unknown as Schema<N>;
}

/**
 * Returns a schema for text that is not empty, or an integer.
 *
 * @param what Meaning of the value, such as `a path or a process id`.
 */
export function textOrNumber(what: string): Schema<string | number> {
  const message = `must be ${what}`;
  const number = v.pipe(v.number(message), v.integer(message), v.minValue(0, message));
  return v.union([word(message), number], unlessControl(message)) as Schema<string | number>;
}

/** Returns a schema for a list of different integers within bounds, at least one. */
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
 * Returns a schema for a list of texts, at least one.
 *
 * @param what Meaning of the list, such as `names of outputs`.
 */
export function list(what: string): Schema<string[]> {
  return texts(`must be a list of ${what}`);
}

/**
 * Returns a schema for a path, or a list of at least one path; each is normalized.
 *
 * @param use Use of the paths.
 * @param what Meaning of the value, such as `a file's path, or a list of them`.
 */
export function pathOrList(use: PathUse, what: string): Schema<string | string[]> {
  const message = `must be ${what}`;
  const one = v.pipe(word(message), shortest);
  const either = v.union([one, paths(message)], unlessControl(message));
  return v.pipe(either, v.metadata({ path: use })) as Schema<string | string[]>;
}

/**
 * Returns a schema for `true`, which means all, or a list of texts, at least one.
 *
 * @param what Meaning of the list, such as `names of variables`.
 */
export function allOrList(what: string): Schema<true | string[]> {
  const message = `must be true or a list of ${what}`;
  return v.union([v.literal(true, message), texts(message)], unlessControl(message)) as Schema<
    true | string[]
  >;
}

/**
 * Returns a schema for `true`, which means all, or a list of at least one path; each is normalized.
 *
 * @param use Use of the paths.
 */
export function allOrPaths(use: PathUse): Schema<true | string[]> {
  const message = "must be true or a list of paths";
  const either = v.union([v.literal(true, message), paths(message)], unlessControl(message));
  return v.pipe(either, v.metadata({ path: use })) as Schema<true | string[]>;
}

function texts(message: string): Schema<string[]> {
  return v.pipe(v.array(word(message), message), v.nonEmpty(message)) as Schema<string[]>;
}

function paths(message: string): Schema<string[]> {
  const item = v.pipe(word(message), shortest);
  return v.pipe(v.array(item, message), v.nonEmpty(message)) as Schema<string[]>;
}

/** Returns a schema for a table, whose own options are checked separately. */
export function table(): Schema<Record<string, unknown>> {
  return v.custom<Record<string, unknown>>(isTable, "must be a table");
}

/**
 * Adds a description, which editors show.
 *
 * @param description Description such as `bytes kept of each packet; 0 keeps all`.
 * @param schema Schema of the option.
 */
export function described<T>(description: string, schema: Schema<T>): Schema<T> {
  return v.pipe(schema, v.description(description)) as Schema<T>;
}

/** Returns the names of options that are paths, and their uses. */
export function pathsOf(entries: Entries): [name: string, use: PathUse][] {
  return Object.entries(entries).flatMap(([name, schema]) => {
    const use = useOf(schema);
    return use === undefined ? [] : [[name, use]];
  });
}

/** Finds the use that {@linkcode path} noted in a schema or in those that it wraps. */
function useOf(schema: object): PathUse | undefined {
  const { pipe = [], wrapped, metadata } = schema as {
    pipe?: readonly object[];
    wrapped?: object;
    metadata?: { path?: PathUse };
  };
  if (metadata?.path !== undefined) return metadata.path;
  const [inner] = [...pipe, wrapped].map((part) =>
    part === undefined || part === schema ? undefined : useOf(part)
  ).filter((use) => use !== undefined);
  return inner;
}

/** Returns whether an option may have a value. */
export function accepts(schema: Schema<unknown>, value: unknown): boolean {
  return v.is(schema, value);
}

/** Makes an option optional, with a default. */
export function optional<T>(schema: Schema<T>, byDefault: T): Schema<T> {
  return v.optional(schema, byDefault as never) as Schema<T>;
}

/** Makes an option optional, without a default. */
export function omittable<T>(schema: Schema<T>): Schema<T | undefined> {
  return v.optional(schema);
}

/**
 * Returns a hint for an unknown word.
 *
 * @param known The known words.
 * @returns A text such as `; did you mean "group"?`, or the list of known words.
 */
export function suggestion(word: string, known: readonly string[]): string {
  const closest = closestWord(word, known);
  if (closest !== undefined) return `; did you mean "${closest}"?`;
  return known.length > 0 ? `; there is ${known.map((name) => `"${name}"`).join(", ")}` : "";
}

/**
 * Checks the options that a program passes.
 *
 * @param entries The known options; any other is a problem.
 * @param value The options.
 * @param what Their name in messages, such as `capture options`.
 * @param problemsOf Returns problems of options that are valid one by one.
 * @returns The options, with their defaults.
 * @throws {ConfigError} If anything is wrong; it lists all problems.
 */
export function optionsOf<E extends Entries>(
  entries: E,
  value: unknown,
  what: string,
  problemsOf: (options: Partial<OptionsOf<E>>) => ConfigProblem[] = () => [],
): OptionsOf<E> {
  const { options, problems } = checkTable(entries, value, "");
  const all = [...problems, ...problemsOf(options)];
  if (all.length > 0) throw new ConfigError(what, all);
  return options;
}

/**
 * Checks a table of options.
 *
 * @param entries The known options; any other is a problem.
 * @param value The table, as a user wrote it.
 * @param place Its position, such as `source[0]`; empty at the top.
 * @returns The valid options, with their defaults, which are complete only if there are no
 *   problems; and all problems.
 */
export function checkTable<E extends Entries>(
  entries: E,
  value: unknown,
  place: string,
): { options: OptionsOf<E>; problems: ConfigProblem[] } {
  const options: Record<string, unknown> = {};
  const checked = options as OptionsOf<E>;
  if (!isTable(value)) {
    return { options: checked, problems: [{ key: place, message: "must be a table" }] };
  }
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
  return { options: checked, problems };
}

/**
 * Returns a problem for each option that is set to other than its default, although it has no use
 * beside the other options.
 *
 * @param entries The known options.
 * @param options Valid options.
 * @param names Names of the options without a use.
 * @param message The message of each problem.
 */
export function useless<E extends Entries>(
  entries: E,
  options: { readonly [Name in keyof E]?: unknown },
  names: readonly (keyof E & string)[],
  message: string,
): ConfigProblem[] {
  return names.filter((name) => {
    const value = options[name];
    // A default may be a list.
    return value !== undefined &&
      JSON.stringify(value) !== JSON.stringify(v.getDefault(entries[name]!));
  }).map((name) => ({ key: snakeCase(name), message }));
}

/** Returns whether a value is a table, as in TOML. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** Formats a value as a user may have written it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return isTable(value) ? "a table" : String(value);
}
