/** Resolves variables, functions and aliases of a shell script. */

import { VALUES_MAX } from "./bounds.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { EXPANSION, quoted, SUBSTITUTION, variableOf } from "./words.ts";

/** A possible value of a variable. */
export interface Value {
  line: number;
  /** Index of its command in the script. */
  index: number;
  /** Its words, split as the shell does. */
  words: Word[];
  /** The value as written. */
  raw: string;
  /** The value as one word. */
  text: string;
  /** Names of its script. */
  names: ScriptNames;
}

/** An assignment to a variable. */
interface Assignment {
  /** Index of its command in the script. */
  index: number;
  /** Function that it stands in; empty outside of functions. */
  scope: string;
  /** Whether it surely replaces earlier values: it is not after `&&`, nor in an `if`. */
  isCertain: boolean;
  values: Value[];
}

/** A function's commands. */
interface Body {
  /** Their indices in the script. */
  indices: number[];
}

const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=([^]*)$/;
/** Commands whose arguments are assignments. */
const DECLARING = /^(?:export|readonly|local|declare|typeset|alias)$/;
/** Reserved words that may precede a command. */
const RESERVED = /^(?:if|then|elif|else|do|while|until|!|\{|time)$/;
const NAME = /^[A-Za-z_]\w*$/;
/** The most enclosing functions of a command; a firewall has fewer. */
const FUNCTIONS_MAX = 8;
/** The longest value that `+=` makes, in words. */
const APPENDED_MAX = 256;

/** Variables and functions of a script. */
export class ScriptNames {
  readonly #assignments = new Map<string, Assignment[]>();
  readonly #bodies = new Map<string, Body>();
  readonly #aliases = new Map<string, Word[]>();
  /** The enclosing function of each command. */
  readonly #scopes: string[] = [];
  /** Values of variables that are only ever set to one value, by name, once they were needed. */
  readonly #only = new Map<string, Value | undefined>();
  /** Variables whose value was used, with the value's line: `NAME:LINE`. */
  readonly taken: Set<string>;
  readonly #outer: ScriptNames | undefined;

  /**
   * Collects the names of a script.
   *
   * @param outer Names of the enclosing script.
   */
  constructor(commands: readonly ShellCommand[], outer?: ScriptNames) {
    this.#outer = outer;
    this.taken = outer?.taken ?? new Set();
    let depth = 0;
    let before = "\n";
    /** Open functions, and the depth outside each. */
    const open: { name: string; depth: number }[] = [];
    for (const [index, command] of commands.entries()) {
      const words = withoutReserved(command.words);
      const closes = closingOf(command.words);
      depth = Math.max(0, depth - closes);
      while (open.length > 0 && closes > 0 && depth <= open.at(-1)!.depth) open.pop();
      for (const { name } of open.slice(-FUNCTIONS_MAX)) {
        this.#bodies.get(name)!.indices.push(index);
      }
      const name = functionName(command);
      if (name !== undefined) {
        this.#bodies.set(name, { indices: [] });
        open.push({ name, depth });
      }
      const inner = open.at(-1);
      this.#scopes.push(inner?.name ?? "");
      const own = inner === undefined ? depth : depth - inner.depth - 1;
      const isCertain = own <= 0 && before !== "&&" && before !== "||" && before !== "|" &&
        command.operator !== "|";
      this.#read(words, index, isCertain, command);
      depth += openingOf(command.words);
      before = command.operator;
    }
  }

  /** Returns the possible values of a variable at a command; none if the script does not set it. */
  valuesOf(name: string, index: number): Value[] {
    const all = this.#assignments.get(name);
    if (all === undefined) return this.#outer?.valuesOf(name, Infinity) ?? [];
    let at = countBefore(all, index);
    // A function may be called after an assignment that follows it.
    const isLater = at === 0;
    if (isLater) at = all.length;
    const values: Value[] = [];
    while (at > 0 && values.length < VALUES_MAX) {
      const assignment = all[--at]!;
      values.unshift(...assignment.values);
      if (assignment.isCertain && !isLater) break;
    }
    return values;
  }

  /** Returns the values of the variable that a word consists of. */
  valuesOfWord(word: Word, index: number): Value[] {
    const name = variableOf(word.text);
    return name === undefined ? [] : this.valuesOf(name, index);
  }

  /**
   * Returns the certain value of a variable at a command: the script sets it earlier,
   * unconditionally, and never to another value.
   */
  certainValueOf(name: string, index: number): Value | undefined {
    const all = this.#assignments.get(name);
    if (all === undefined) return this.#outer?.certainValueOf(name, Infinity);
    const only = this.#onlyValueOf(name, all);
    if (only === undefined) return undefined;
    const scope = this.#scopes[index] ?? "";
    const count = Math.min(countBefore(all, index), VALUES_MAX);
    for (const assignment of all.slice(0, count)) {
      if (assignment.isCertain && (assignment.scope === "" || assignment.scope === scope)) {
        return only;
      }
    }
    return undefined;
  }

  #onlyValueOf(name: string, all: readonly Assignment[]): Value | undefined {
    if (!this.#only.has(name)) {
      const first = all[0]!.values[0];
      const isOnly = all.every(({ values }) => values.every(({ raw }) => raw === first?.raw)) &&
        first !== undefined && all.every(({ values }) => values.length > 0);
      this.#only.set(name, isOnly ? first : undefined);
    }
    return this.#only.get(name);
  }

  /** Returns indices of a function's commands; undefined if the script has no such function. */
  bodyOf(name: string): readonly number[] | undefined {
    return this.#bodies.get(name)?.indices;
  }

  /** Returns the words of an alias; undefined if the script has none of that name. */
  aliasOf(name: string): readonly Word[] | undefined {
    return this.#aliases.get(name) ?? this.#outer?.aliasOf(name);
  }

  /** Returns the name of a command's enclosing function; empty without one. */
  functionAt(index: number): string {
    return this.#scopes[index] ?? "";
  }

  #read(
    words: readonly Word[],
    index: number,
    isCertain: boolean,
    command: ShellCommand,
  ): void {
    const { line } = command;
    if (isLoop(words)) {
      // A list that may be empty leaves the variable alone.
      const items = words.slice(3, 3 + VALUES_MAX).map((item) => this.#valueOf(item, line, index));
      if (words.length > 3 + VALUES_MAX) items.push(this.#unknown(line, index));
      return this.#assign(words[1]!.text, index, isCertain && items.length > 0, items);
    }
    this.#assignAll(words, index, isCertain, line);
    for (const name of namesReadBy(words)) {
      this.#assign(name, index, isCertain, [this.#unknown(line, index)]);
    }
  }

  #assignAll(words: readonly Word[], index: number, isCertain: boolean, line: number): void {
    const declares = DECLARING.test(words[0]?.text ?? "");
    const isAlias = words[0]?.text === "alias";
    // Before a command it applies to that one only.
    const isOwn = declares || words.every(({ text }) => ASSIGNMENT.test(text));
    for (const word of declares ? words.slice(1) : words) {
      const [, name, plus, text] = ASSIGNMENT.exec(word.text) ?? [];
      if (name === undefined && !declares) break;
      if (name === undefined) continue;
      const raw = word.raw.slice(word.raw.indexOf("=") + 1);
      const { items } = word;
      const value: Value = items === undefined
        ? this.#valueOf({ text: text!, raw }, line, index)
        : {
          line,
          index,
          words: items,
          raw,
          text: items.map(({ text }) => text).join(" "),
          names: this,
        };
      if (isAlias) this.#aliases.set(name, value.words);
      else if (plus === "") this.#assign(name, index, isCertain && isOwn, [value]);
      else this.#append(name, index, isCertain && isOwn, value);
    }
  }

  #append(name: string, index: number, isCertain: boolean, added: Value): void {
    const before = this.valuesOf(name, index);
    const values = before.length === 0 ? [added] : before.map(({ line, words, raw, text }) => ({
      line,
      index,
      words: [...words, ...added.words],
      raw: `${raw} ${added.raw}`,
      text: text + added.text,
      names: this,
    }));
    const isLong = values.some(({ words }) => words.length > APPENDED_MAX);
    this.#assign(name, index, isCertain, isLong ? [this.#unknown(added.line, index)] : values);
  }

  #valueOf({ text, raw }: Word, line: number, index: number): Value {
    const words = text.split(/\s+/).filter((word) => word !== "");
    return {
      line,
      index,
      raw,
      text,
      words: words.map((word) => ({ text: word, raw: rawOf(word) })),
      names: this,
    };
  }

  #unknown(line: number, index: number): Value {
    return { line, index, raw: `(line ${line})`, text: SUBSTITUTION, words: [], names: this };
  }

  #assign(name: string, index: number, isCertain: boolean, values: Value[]): void {
    const all = this.#assignments.get(name) ?? [];
    const scope = this.#scopes[index] ?? "";
    all.push({ index, isCertain, scope, values: values.slice(0, VALUES_MAX) });
    this.#assignments.set(name, all);
  }
}

/** Returns the number of assignments before a command. */
function countBefore(all: readonly Assignment[], index: number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns whether a value contains no expansion. */
export function isKnown({ text, words }: Value): boolean {
  return ![text, ...words.map(({ text }) => text)].some((part) =>
    part.includes(EXPANSION) || part.includes(SUBSTITUTION)
  );
}

/** Returns the words of a command without reserved words, or the head of a function, before it. */
export function withoutReserved(words: readonly Word[]): readonly Word[] {
  const own = bare(words);
  return own[0]?.text === "function" ? bare(own.slice(2)) : own;
}

function bare(words: readonly Word[]): readonly Word[] {
  const start = words.findIndex(({ text }) => !RESERVED.test(text));
  return start < 0 ? [] : words.slice(start);
}

/** Returns whether a command only sets variables. */
export function isAssignment(command: ShellCommand): boolean {
  const words = withoutReserved(command.words);
  return DECLARING.test(words[0]?.text ?? "") || isLoop(words) ||
    words.length > 0 && words.every(({ text }) => ASSIGNMENT.test(text));
}

/** Returns the names of the variables that a command sets. */
export function namesSetBy({ words }: ShellCommand): string[] {
  const own = withoutReserved(words);
  if (isLoop(own)) return [own[1]!.text];
  return words.flatMap(({ text }) => ASSIGNMENT.exec(text)?.[1] ?? []);
}

/** Returns names of variables that a command sets to unknown values, or unsets. */
function namesReadBy(all: readonly Word[]): string[] {
  const start = all.findIndex(({ text }) => !ASSIGNMENT.test(text));
  const [first, ...rest] = start < 0 ? [] : all.slice(start).map(({ text }) => text);
  const names = rest.filter((text) => NAME.test(text));
  switch (first) {
    case "read":
    case "unset":
    case "mapfile":
    case "readarray":
    case "let":
      return names;
    case "local":
    case "declare":
    case "typeset":
      return names;
    case "getopts":
      return rest.slice(1, 2);
    case "printf":
      return rest[0] === "-v" ? rest.slice(1, 2) : [];
    case "for":
    case "select":
      return rest[1] === "in" && first === "for" ? [] : names.slice(0, 1);
    default:
      return [];
  }
}

/** Returns whether a command is the head of `for NAME in …`. */
function isLoop(words: readonly Word[]): boolean {
  return words[0]?.text === "for" && words[2]?.text === "in";
}

/** Returns a word of a value, without quotes if it is a variable, which the shell splits again. */
function rawOf(word: string): string {
  return variableOf(word) === undefined ? quoted(word) : word.replace(EXPANSION, "$");
}

function functionName({ words, isFunction }: ShellCommand): string | undefined {
  const [first, second] = bare(words);
  if (first?.text === "function") return second?.text;
  return isFunction ? words.at(-1)?.text : undefined;
}

/** Counts blocks that a command opens: only reserved words, or a function's head, precede them. */
function openingOf(words: readonly Word[]): number {
  const isHead = words[0]?.text === "function";
  let count = 0;
  for (const [at, { raw }] of words.entries()) {
    if (/^(?:if|case|do|\{)$/.test(raw)) count++;
    if (at > 0 && isHead) continue;
    if (!isHead && !RESERVED.test(raw) && raw !== "}") break;
  }
  return count;
}

function closingOf(words: readonly Word[]): number {
  return /^(?:fi|esac|done|\})$/.test(words[0]?.raw ?? "") ? 1 : 0;
}
