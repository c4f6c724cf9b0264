/** Writes pairs of a name and a value, which formats without nesting have. */

import { ABSENT } from "../../packet/absent.ts";
import { writeJsonValue } from "../../text/json.ts";
import { ascii, LineWriter, Word } from "../../text/line.ts";

/** Form of pairs. */
export interface PairForm {
  /** Returns the text before the value of a pair. */
  before(name: string): string;
  /** Text behind each value. */
  behind: string;
  /**
   * Escapes the value that was written from an offset on, which is visible UTF-8 in one line, where
   * the form gives other characters a meaning.
   */
  escape?(line: LineWriter, from: number): void;
}

/** Writes pairs with names of one kind of record; those that are not chosen are left out. */
export class Pairs<Name extends string> {
  /** Texts before values; undefined for pairs that are not chosen. */
  readonly before: Readonly<Record<Name, Word | undefined>>;
  readonly #form: PairForm;
  readonly #behind: Word;

  /**
   * Creates a writer.
   *
   * @param form Form of the pairs.
   * @param names All names.
   * @param chosen Names of the pairs that are written.
   */
  constructor(form: PairForm, names: readonly Name[], chosen: readonly string[] = names) {
    this.#form = form;
    this.#behind = new Word(form.behind);
    this.before = Object.fromEntries(
      names.map((name) => [
        name,
        chosen.includes(name) ? new Word(form.before(name)) : undefined,
      ]),
    ) as Record<Name, Word | undefined>;
  }

  /** Returns a pair whose value is the same for many records; empty for an empty value. */
  fixed(name: Name, value: string): string {
    if (value === "" || this.before[name] === undefined) return "";
    return this.#form.before(name) + this.escaped(ascii(value)) + this.#form.behind;
  }

  /** Returns a value as it is written. */
  escaped(value: Uint8Array): string {
    const line = new LineWriter();
    // An escaped byte takes four, and a character before it at the most.
    line.out = new Uint8Array(value.length * 5);
    line.visible(value, 0, value.length);
    this.#form.escape?.(line, 0);
    return new TextDecoder().decode(line.out.subarray(0, line.at));
  }

  /** Ends a pair. */
  end(line: LineWriter): void {
    line.word(this.#behind);
  }

  /** Writes a pair with a number, unless it is absent. */
  number(line: LineWriter, before: Word | undefined, value: number): void {
    if (before === undefined || value === ABSENT) return;
    line.word(before);
    line.decimal(value);
    line.word(this.#behind);
  }

  /** Writes a pair with a word. */
  word(line: LineWriter, before: Word | undefined, value: Word): void {
    if (before === undefined) return;
    line.word(before);
    line.word(value);
    line.word(this.#behind);
  }

  /** Writes a pair with a text from an untrusted source. */
  text(
    line: LineWriter,
    before: Word | undefined,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    if (before === undefined || length <= 0) return;
    line.word(before);
    const from = line.at;
    line.visible(bytes, offset, length);
    this.#form.escape?.(line, from);
    line.word(this.#behind);
  }

  /** Writes a pair with a value in JSON, unless there is none. */
  json(line: LineWriter, before: Word | undefined, value: Uint8Array | undefined): void {
    if (before === undefined || value === undefined) return;
    line.word(before);
    const from = line.at;
    writeJsonValue(line, value);
    this.#form.escape?.(line, from);
    line.word(this.#behind);
  }
}
