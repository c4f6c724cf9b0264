/** Parses parts of a shell script's text: brackets and escapes. */

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
  const end = endOfScan(text, start);
  let depth = 0;
  for (let at = start; at < end; at++) {
    const character = text[at]!;
    if (character === "\\") at++;
    else if (character === "'" || character === '"') {
      // In ${…} an apostrophe may be literal.
      at = quoteEnd(text, at, end) ?? at;
    } else if (character === open) depth++;
    else if (character === close && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Returns the position at which {@linkcode balancedEnd} gives up. */
export function endOfScan(text: string, start: number): number {
  return Math.min(text.length, start + LENGTH_MAX);
}

function quoteEnd(text: string, start: number, end: number): number | undefined {
  const quote = text[start]!;
  for (let at = start + 1; at < end; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return undefined;
}

/**
 * Finds the end of a command in backticks.
 *
 * @param start Where the first backtick stands.
 * @returns The place behind the last one; undefined if there is none.
 */
export function backtickEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
  }
  return undefined;
}

/**
 * Splits a line of `iptables-save`, where nothing is filled in and quotes surround whole words.
 *
 * @returns The words, without their quotes.
 */
export function savedWordsOf(line: string): string[] {
  const words: string[] = [];
  const closed = { '"': true, "'": true };
  for (let at = 0; at < line.length;) {
    const character = line[at]!;
    if (character === '"' || character === "'") {
      const end = closed[character] ? quoteEnd(line, at, line.length) : undefined;
      // No later one is closed either; searching for each would take quadratic time.
      if (end === undefined) closed[character] = false;
      else {
        const inside = line.slice(at + 1, end);
        words.push(character === '"' ? inside.replaceAll(/\\([^\n])/g, "$1") : inside);
      }
      at = (end ?? at) + 1;
    } else if (/\s/.test(character)) at++;
    else {
      const start = at;
      while (at < line.length && !/[\s"']/.test(line[at]!)) at++;
      words.push(line.slice(start, at));
    }
  }
  return words;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  v: "\v",
};

/** Returns the character that an escape with `\` means in `$'…'`. */
export function escapedCharacter(character: string): string {
  return ESCAPES[character] ?? character;
}

/**
 * Reads an escape of `$'…'`.
 *
 * @param start Where its backslash stands.
 * @returns What it stands for, and how many characters it has.
 */
export function ansiEscape(script: string, start: number): { text: string; length: number } {
  const [whole, octal, byte, code] =
    /^\\(?:([0-7]{1,3})|x([\da-f]{1,2})|u([\da-f]{1,4}))/i.exec(script.slice(start, start + 6)) ??
      [];
  if (whole === undefined) return { text: escapedCharacter(script[start + 1] ?? ""), length: 2 };
  const number = octal === undefined ? parseInt((byte ?? code)!, 16) : parseInt(octal, 8);
  return { text: String.fromCharCode(number), length: whole.length };
}
