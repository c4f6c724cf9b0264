/**
 * Pieces of a shell script's text: where a bracket ends, what an escape stands for.
 *
 * @module
 */

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}" };

/** How long brackets may be; longer ones are none. */
const LENGTH_MAX = 0x1_0000;

/**
 * Finds the end of what a bracket begins; quotes and brackets inside are passed over.
 *
 * @param text The script.
 * @param start Where the bracket stands.
 * @returns The place behind its end; undefined if it has none.
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
      // In ${…} an apostrophe may be a plain one.
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

/** The character that `\` and another one stand for in `$'…'`. */
export function escapedCharacter(character: string): string {
  return ESCAPES[character] ?? character;
}
