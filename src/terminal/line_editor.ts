/** Edits one line of text by keys. Pure. */

import type { Key } from "./keys.ts";

/** Characters of a line at most. */
const LENGTH_MAX = 4096;

/** A line of text with a cursor. */
export class LineEditor {
  /** Characters: code points. */
  #characters: string[];
  /** Number of characters before the cursor. */
  #cursor: number;

  /** Begins with a text; the cursor is at its end. */
  constructor(text = "") {
    this.#characters = [...text];
    this.#cursor = this.#characters.length;
  }

  /** The text. */
  get text(): string {
    return this.#characters.join("");
  }

  /** The text before the cursor. */
  get before(): string {
    return this.#characters.slice(0, this.#cursor).join("");
  }

  /** Replaces the text; the cursor is at its end. */
  set(text: string): void {
    this.#characters = [...text];
    this.#cursor = this.#characters.length;
  }

  /**
   * Handles a key, as shells do.
   *
   * @returns Whether the text has changed.
   */
  press(key: Key): boolean {
    const { length } = this.#characters;
    switch (key) {
      case "Left":
      case "Ctrl-B":
        return this.#moveTo(this.#cursor - 1);
      case "Right":
      case "Ctrl-F":
        return this.#moveTo(this.#cursor + 1);
      case "Home":
      case "Ctrl-A":
        return this.#moveTo(0);
      case "End":
      case "Ctrl-E":
        return this.#moveTo(length);
      case "Backspace":
        return this.#remove(this.#cursor - 1, this.#cursor);
      case "Delete":
      case "Ctrl-D":
        return this.#remove(this.#cursor, this.#cursor + 1);
      case "Ctrl-U":
        return this.#remove(0, this.#cursor);
      case "Ctrl-K":
        return this.#remove(this.#cursor, length);
      case "Ctrl-W":
        return this.#remove(/\S*\s*$/.exec(this.before)!.index, this.#cursor);
    }
    if ([...key].length !== 1 || length >= LENGTH_MAX) return false;
    this.#characters.splice(this.#cursor++, 0, key);
    return true;
  }

  #moveTo(place: number): false {
    this.#cursor = Math.min(this.#characters.length, Math.max(0, place));
    return false;
  }

  #remove(from: number, to: number): boolean {
    const first = Math.max(0, from);
    const removed = this.#characters.splice(first, Math.max(0, to - first));
    if (first < this.#cursor) this.#cursor = Math.max(first, this.#cursor - removed.length);
    return removed.length > 0;
  }
}
