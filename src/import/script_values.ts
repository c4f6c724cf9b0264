/** Expansion of a script's variables in words and texts. */

import { DEPTH_MAX, requireLength, type Steps, TEXT_STEPS } from "./bounds.ts";
import type { ScriptNames, Value } from "./script_names.ts";
import type { Word } from "./shell.ts";
import { EXPANSION, quoted, SUBSTITUTION, variableOf } from "./words.ts";

/** A variable without string operations: `$A`, `${A}`, `${A[@]}` or `${A:-x}`. */
const VARIABLE = /\uE000(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\[[@*]\]|:?[-=?][^{}\uE000]*)?\})/g;
/** Arguments of a function within a value. */
const ARGUMENT = /\uE000(?:[1-9@*]|\{(?:\d+(?::?-[^{}\uE000]*)?|[@*])\})/g;

/** Expands variables whose values are certain. */
export class ScriptValues {
  readonly #names: ScriptNames;
  readonly #steps: Steps;
  /** Values with their own variables expanded; undefined if one is not certain. */
  readonly #filled: Map<Value, Value | undefined>;

  /**
   * Uses the names of a script.
   *
   * @param names Its names.
   * @param steps Counts the work.
   * @param outer Values of the enclosing script.
   */
  constructor(names: ScriptNames, steps: Steps, outer?: ScriptValues) {
    this.#names = names;
    this.#steps = steps;
    this.#filled = outer === undefined ? new Map() : outer.#filled;
  }

  /**
   * Expands the words of a command.
   *
   * @param index Index of the command in the script.
   */
  words(words: readonly Word[], index: number): Word[] {
    return words.flatMap((word) => this.#word(word, index));
  }

  /** Expands variables within a text. */
  text(text: string, index: number): string {
    return this.#text(text, this.#names, index, 0);
  }

  #word(word: Word, index: number): Word[] {
    if (!word.text.includes(EXPANSION)) return [word];
    const name = variableOf(word.text);
    if (name === undefined || /^\uE000\{\w+:?\+/.test(word.text)) {
      return [this.#inside(word, index)];
    }
    const value = this.#valueOf(name, this.#names, index, 0);
    if (value === undefined || (value.text === "" && /[-=?]/.test(word.text))) return [word];
    this.#steps.take(value.text.length + TEXT_STEPS * value.words.length);
    if (!word.raw.startsWith('"') || word.text.includes("[@]")) return value.words;
    return [{ text: value.text, raw: quoted(value.text) }];
  }

  /** Expands variables within a word. */
  #inside(word: Word, index: number): Word {
    const text = this.#text(word.text, this.#names, index, 0);
    return text === word.text ? word : { text, raw: rawOf(text, word.raw) };
  }

  #text(text: string, names: ScriptNames, index: number, depth: number): string {
    if (!text.includes(EXPANSION)) return text;
    this.#steps.take(text.length);
    let length = 0;
    return text.replaceAll(VARIABLE, (whole, plain, braced) => {
      const value = this.#valueOf(plain ?? braced, names, index, depth);
      if (value === undefined || (value.text === "" && /[-=?]/.test(whole))) return whole;
      this.#steps.take(value.text.length);
      length += value.text.length;
      requireLength(length);
      return value.text;
    });
  }

  #valueOf(name: string, names: ScriptNames, index: number, depth: number): Value | undefined {
    const value = names.certainValueOf(name, index);
    if (value === undefined || depth > DEPTH_MAX) return undefined;
    if (!this.#filled.has(value)) this.#filled.set(value, this.#fill(value, depth + 1));
    const filled = this.#filled.get(value);
    if (filled === undefined) return undefined;
    // Arguments are those of the function that the value is set in.
    const isElsewhere = value.names !== names ||
      names.functionAt(value.index) !== names.functionAt(index);
    if (isElsewhere && filled.text.includes(EXPANSION)) return undefined;
    names.taken.add(`${name}:${value.line}`);
    return filled;
  }

  #fill(value: Value, depth: number): Value | undefined {
    const { names, index } = value;
    const text = this.#text(value.text, names, index, depth);
    const words = value.text.includes(EXPANSION) && value.words.length > 0
      ? value.words.flatMap((word) => {
        const filled = this.#text(word.text, names, index, depth);
        // The shell splits an expansion, but not in quotes.
        const parts = filled === word.text || word.raw.startsWith('"')
          ? [filled]
          : filled.split(/\s+/).filter((part) => part !== "");
        return parts.map((part) => ({
          text: part,
          raw: part === word.text ? word.raw : quoted(part),
        }));
      })
      : value.words;
    const left = text.replaceAll(ARGUMENT, "");
    if (left.includes(EXPANSION) || left.includes(SUBSTITUTION)) return undefined;
    return { ...value, text, words };
  }
}

/** Quotes a word for a shell, except for the name of an option in it. */
export function rawOf(text: string, before: string): string {
  const [option = ""] = /^(?:--[\w-]+=|-[A-Za-z](?=[^-]))/.exec(text) ?? [];
  return before.startsWith(option) ? option + quoted(text.slice(option.length)) : quoted(text);
}
