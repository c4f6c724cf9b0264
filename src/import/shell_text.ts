/**
 * Parses parts of a shell script's text: brackets and escapes.
 *
 * @module
 */

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}" };

/** The longest text in brackets. */
const LENGTH_MAX = 0x1_0000;

/**
 * Finds the end of a bracket; skips quotes and brackets inside.
 *
 * @param text The script.
 * @param start Offset of the bracket.
 * @returns Offset after its end; undefined if it has none.
 */
export function balancedEnd(text: string, start: number): number | undefined {
  const open = text[start]!;
  const close = CLOSING[open]!;
  if (!text.includes(close, start)) return undefined;
  const end = Math.min(text.length, start + LENGTH_MAX);
  let depth = 0;
  for (let at = start; at < end; at++) {
    const character = text[at]!;
    if (character === "\\") at++;
    else if (character === "'" || character === '"') {
      // In ${…} an apostrophe may be literal.
      at = quoteEnd(text, at) ?? at;
    } else if (character === open) depth++;
    else if (character === close && --depth === 0) return at + 1;
  }
  return undefined;
}

function quoteEnd(text: string, start: number): number | undefined {
  const quote = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07" };

/** Returns the character that an escape with `\` means in `$'…'`. */
export function escapedCharacter(character: string): string {
  return ESCAPES[character] ?? character;
}
