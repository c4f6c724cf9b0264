/** Keys of a terminal, as its bytes tell them (ECMA-48, xterm's control sequences). Pure. */

/**
 * A key: the character that it types, or its name, as in `Enter`, `Left` or `Ctrl-U`. Names have more
 * than one character.
 */
export type Key = string;

/** Keys by the end of their sequence, behind `ESC [` or `ESC O`. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  A: "Up",
  B: "Down",
  C: "Right",
  D: "Left",
  H: "Home",
  F: "End",
  "1~": "Home",
  "3~": "Delete",
  "4~": "End",
  "7~": "Home",
  "8~": "End",
};
/** Control characters that have a key of their own. */
const CONTROLS: Readonly<Record<string, Key>> = {
  "\r": "Enter",
  "\n": "Enter",
  "\t": "Tab",
  "\b": "Backspace",
  "\x7f": "Backspace",
};
/** A whole sequence: parameters, and the character that ends it. */
// deno-lint-ignore no-control-regex
const SEQUENCE = /^\x1b(?:\[([0-9;?<=>]*[@-~])|O([ -~]))/;
/** The beginning of one. */
// deno-lint-ignore no-control-regex
const BEGINNING = /^\x1b(?:\[[0-9;?<=>]*|O)$/;
/** Characters of a sequence at most: more are none. */
const SEQUENCE_MAX = 32;
/** Characters that are no text: they act on a terminal, or reorder what it shows. */
const NO_TEXT = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;

/** Decodes keys, a read after the other. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /**
   * Decodes what was read. An escape character at the end of a read is the key of that name: terminals
   * send a sequence at once.
   *
   * @returns Keys in order; those without a name are left out.
   */
  decode(bytes: Uint8Array): Key[] {
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    this.#rest = "";
    const keys: Key[] = [];
    while (text !== "") {
      const sequence = SEQUENCE.exec(text);
      if (sequence !== null) {
        const [whole, parameters, letter] = sequence;
        // With a modifier it is the same key: `1;5D` is Ctrl and Left.
        const end = (parameters ?? letter)!.replace(/^1;\d+/, "");
        if (Object.hasOwn(SEQUENCES, end)) keys.push(SEQUENCES[end]!);
        text = text.slice(whole.length);
        continue;
      }
      if (BEGINNING.test(text) && text.length < SEQUENCE_MAX) {
        this.#rest = text;
        break;
      }
      const [character] = text;
      const key = keyOf(character!);
      if (key !== undefined) keys.push(key);
      text = text.slice(character!.length);
    }
    return keys;
  }
}

function keyOf(character: string): Key | undefined {
  if (Object.hasOwn(CONTROLS, character)) return CONTROLS[character];
  if (character === "\x1b") return "Escape";
  // C0: Ctrl and a letter.
  if (character >= "\x01" && character <= "\x1a") {
    return `Ctrl-${String.fromCharCode(character.charCodeAt(0) + 0x40)}`;
  }
  return NO_TEXT.test(character) ? undefined : character;
}
