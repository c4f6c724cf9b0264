/** Texts of help in the width that there is. Pure. */

/** Columns of a terminal. */
const WIDTH = 80;
/** The widest name with its meaning in the same line. */
const NAME_MAX = 24;

/**
 * Fills lines with a text's words.
 *
 * @param text The text; its own line ends are blanks.
 * @param indent Columns left empty in front of each line.
 */
export function filled(text: string, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((line) => " ".repeat(indent) + line);
}

/**
 * Splits a text into paragraphs.
 *
 * @param text Paragraphs with an empty line between them.
 * @returns Each, and whether its lines stay as they are, since the first begins with a blank.
 */
export function paragraphs(text: string): { text: string; isLiteral: boolean }[] {
  return text.split(/\n{2,}/).map((text) => ({ text, isLiteral: text.startsWith(" ") }));
}

/** Returns a text's paragraphs as lines, with an empty line between them. */
export function body(text: string): string[] {
  return paragraphs(text)
    .map(({ text, isLiteral }) => isLiteral ? text : filled(text).join("\n"))
    .join("\n\n").split("\n");
}

/**
 * Lays out names, each with its meaning in a column beside it.
 *
 * @param rows The names and what they mean.
 * @param width The names' column; what the longest one takes if left out.
 */
export function table(
  rows: readonly (readonly [name: string, help: string])[],
  width: number = widthOf(rows.map(([name]) => name)),
): string[] {
  const indent = width + 4;
  return rows.flatMap(([name, help]) => {
    const [first = "", ...others] = filled(help, indent);
    if (name.length > width) return [`  ${name}`, first, ...others];
    return [`  ${name.padEnd(width)}  ${first.trimStart()}`, ...others];
  });
}

/** Returns the columns of the longest of some names, within reason. */
export function widthOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => name.length).filter((length) => length <= NAME_MAX));
}
