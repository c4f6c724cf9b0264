/**
 * Width of text on a terminal, and text cut to a width. Pure. Control characters in the text are
 * already escaped.
 */

/** Marks where text was cut off. */
const ELLIPSIS = "…";
/** Characters without a width of their own: combining marks, joiners, variation selectors. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Characters of two columns: scripts of East Asia, their full-width forms, emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
/** Fast path: printable ASCII. */
const ASCII = /^[\x20-\x7e]*$/;

/** Returns the number of columns that a text takes. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts a text to a width; a longer one ends with `…`. */
export function cutEnd(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns < 1 ? "" : beginning(text, columns - 1) + ELLIPSIS;
}

/**
 * Cuts a text to a width with `…` in its middle: the ends of an address say more than its middle.
 */
export function cutMiddle(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return "";
  const end = (columns - 1) >> 1;
  const head = beginning(text, columns - 1 - end);
  const tail = beginning([...text].reverse().join(""), end);
  return head + ELLIPSIS + [...tail].reverse().join("");
}

/** Pads a text with spaces to a width. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/**
 * Wraps lines to a width, at blanks if possible; continued lines are indented further.
 *
 * @param text The lines.
 */
export function fold(text: string, columns: number): string {
  return text.split("\n").map((line) => foldLine(line, columns)).join("\n");
}

function foldLine(line: string, columns: number): string {
  if (textWidth(line) <= columns) return line;
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(" ")) {
    const longer = current.trim() === "" ? current + word : `${current} ${word}`;
    if (textWidth(longer) <= columns || current.trim() === "") {
      current = longer;
    } else {
      lines.push(current);
      current = `${indent}    ${word}`;
    }
  }
  return [...lines, current].join("\n");
}

function beginning(text: string, columns: number): string {
  let width = 0;
  let taken = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

function characterWidth(character: string): number {
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
