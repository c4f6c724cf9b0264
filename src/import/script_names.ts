/**
 * Resolves variables, loops and functions of a shell script.
 *
 * @module
 */

import type { ShellCommand, Word } from "./shell.ts";
import { EXPANSION, quoted, variableOf } from "./words.ts";

/** A possible value of a variable. */
export interface Value {
  /** Its line. */
  line: number;
  /** Its words, split as the shell does. */
  words: Word[];
  /** The value as written. */
  raw: string;
}

/** An assignment to a variable. */
interface Assignment {
  /** Index of its command in the script. */
  index: number;
  /** Whether it surely replaces earlier values: it is not after `&&`, nor in an `if`. */
  isCertain: boolean;
  values: Value[];
}

const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=([^]*)$/;
/** Commands whose arguments are assignments. */
const DECLARING = /^(?:export|readonly|local|declare|typeset|alias)$/;
/** Reserved words that may precede a command. */
const RESERVED = /^(?:if|then|elif|else|do|while|until|!|\{|time)$/;
/** The most values of a variable; more come from a list that is not for a firewall. */
const VALUES_MAX = 64;

/** Variables and functions of a script. */
export class ScriptNames {
  readonly #assignments = new Map<string, Assignment[]>();
  /** The commands of each function, or alias. */
  readonly #bodies = new Map<string, ShellCommand[]>();
  /** Variables whose value was used in a rule. */
  readonly taken: Set<string>;
  readonly #outer: ScriptNames | undefined;

  /**
   * Collects the names of a script.
   *
   * @param commands Its commands.
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
      for (const { name } of open) this.#bodies.get(name)!.push(command);
      const name = functionName(command);
      if (name !== undefined) {
        this.#bodies.set(name, []);
        open.push({ name, depth });
      }
      const isCertain = depth === 0 && before !== "&&" && before !== "||";
      if (isLoop(words)) {
        const items = words.slice(3);
        this.#assign(words[1]!.text, index, isCertain, items.map((item) => valueOf(item, command)));
      } else this.#assignAll(words, index, isCertain, command);
      depth += openingOf(command.words);
      before = command.operator;
    }
  }

  /** Returns the possible values of a variable at a command; none if the script does not set it. */
  valuesOf(name: string, index: number): Value[] {
    const all = this.#assignments.get(name);
    if (all === undefined) return this.#outer?.valuesOf(name, Infinity) ?? [];
    const earlier = all.filter((assignment) => assignment.index < index);
    // A function may be called after an assignment that follows it.
    if (earlier.length === 0) return all.flatMap(({ values }) => values);
    const from = earlier.findLastIndex(({ isCertain }) => isCertain);
    return earlier.slice(Math.max(0, from)).flatMap(({ values }) => values);
  }

  /** Returns the values of the variable that a word consists of. */
  valuesOfWord(word: Word, index: number): Value[] {
    const name = variableOf(word.text);
    return name === undefined ? [] : this.valuesOf(name, index);
  }

  /**
   * Returns the commands of a function or an alias; undefined if the script has none of that name.
   */
  bodyOf(name: string): readonly ShellCommand[] | undefined {
    return this.#bodies.get(name) ?? this.#outer?.bodyOf(name);
  }

  #assignAll(
    words: readonly Word[],
    index: number,
    isCertain: boolean,
    command: ShellCommand,
  ): void {
    const declares = DECLARING.test(words[0]?.text ?? "");
    const isAlias = words[0]?.text === "alias";
    const rest = declares ? words.slice(1) : words;
    for (const word of rest) {
      const [, name, plus, text] = ASSIGNMENT.exec(word.text) ?? [];
      // Before a command it applies to that one only.
      if (name === undefined && !declares) break;
      if (name === undefined) continue;
      const equals = word.raw.indexOf("=") + 1;
      const { items } = word;
      const value: Value = items === undefined
        ? valueOf({ text: text!, raw: word.raw.slice(equals) }, command)
        : { line: command.line, words: items, raw: word.raw.slice(equals) };
      if (isAlias) this.#bodies.set(name, [{ ...command, words: value.words }]);
      else if (plus === "") this.#assign(name, index, isCertain, [value]);
      else this.#append(name, index, isCertain, value);
    }
  }

  #append(name: string, index: number, isCertain: boolean, added: Value): void {
    const before = this.valuesOf(name, index);
    const values = before.length === 0 ? [added] : before.map(({ line, words, raw }) => ({
      line,
      words: [...words, ...added.words],
      raw: `${raw} ${added.raw}`,
    }));
    this.#assign(name, index, isCertain, values);
  }

  #assign(name: string, index: number, isCertain: boolean, values: Value[]): void {
    const all = this.#assignments.get(name) ?? [];
    all.push({ index, isCertain, values: values.slice(0, VALUES_MAX) });
    this.#assignments.set(name, all);
  }
}

/** Returns the words of a command after its reserved words. */
export function withoutReserved(words: readonly Word[]): readonly Word[] {
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

/** Returns whether a command is the head of `for NAME in …`. */
function isLoop(words: readonly Word[]): boolean {
  return words[0]?.text === "for" && words[2]?.text === "in";
}

function valueOf({ text, raw }: Word, { line }: ShellCommand): Value {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return { line, raw, words: words.map((word) => ({ text: word, raw: rawOf(word) })) };
}

/** Returns a word of a value, without quotes if it is a variable, which the shell splits again. */
function rawOf(word: string): string {
  return variableOf(word) === undefined ? quoted(word) : word.replace(EXPANSION, "$");
}

function functionName({ words, isFunction }: ShellCommand): string | undefined {
  const [first, second] = withoutReserved(words);
  if (first?.text === "function") return second?.text;
  return isFunction ? words.at(-1)?.text : undefined;
}

function openingOf(words: readonly Word[]): number {
  return words.filter(({ raw }, at) =>
    /^(?:if|case|do|\{)$/.test(raw) && (at === 0 || isOpen(words, at))
  ).length;
}

/** Returns whether only reserved words, or the head of a function, precede a position. */
function isOpen(words: readonly Word[], at: number): boolean {
  return words[0]!.text === "function" ||
    words.slice(0, at).every(({ raw }) => RESERVED.test(raw) || raw === "}");
}

function closingOf(words: readonly Word[]): number {
  return /^(?:fi|esac|done|\})$/.test(words[0]?.raw ?? "") ? 1 : 0;
}
