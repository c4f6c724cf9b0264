/**
 * Text in the language of manual pages, as man(7) has it. Pure.
 *
 * @module
 */

/** Columns of a line in the page's source, which mandoc asks for. */
const WIDTH = 79;

/** Characters that mean something to roff, or that it would make others of. */
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** The first line of a page. */
export interface Title {
  /** Its name, as in `nfscribe`. */
  name: string;
  /** Its section: 1 for commands, 5 for files. */
  section: number;
  /** The day of its last change, as in `2026-11-23`. */
  date: string;
  /** The program's name and version. */
  source: string;
}

/** Returns a page's first lines. */
export function title({ name, section, date, source }: Title): string[] {
  return [
    `.\\" Written by deno task man: change the texts in src, not here.`,
    `.TH ${name.toUpperCase()} ${section} ${date} "${source}" "nfscribe"`,
    // Commands and names are to be copied: neither cut nor stretched.
    ".nr HY 0",
    ".nh",
    ".ad l",
  ];
}

/** Joins the lines of a page. */
export function page(lines: readonly string[]): string {
  // A heading begins a paragraph itself.
  const kept = lines.filter((line, index) =>
    line !== ".PP" || !/^\.S[HS] /.test(lines[index - 1] ?? "")
  );
  return `${kept.join("\n")}\n`;
}

/** Returns a section's heading. */
export function heading(text: string): string[] {
  return [`.SH "${escaped(text)}"`];
}

/** Returns a heading in a section. */
export function subheading(text: string): string[] {
  return [`.SS "${escaped(text)}"`];
}

/** Returns a paragraph; what stands between backticks is bold. */
export function paragraph(text: string): string[] {
  return [".PP", ...filled(text)];
}

/** Lines that stay as they are. */
export function literal(text: string): string[] {
  return [
    ".PP",
    ".EX",
    ...text.split("\n").flatMap((line) => broken(protect(escaped(line)))),
    ".EE",
  ];
}

/**
 * Returns a word, and below it what it means.
 *
 * @param word The word; what stands between backticks is bold.
 * @param text What it means, a paragraph each.
 */
export function item(word: string, ...text: readonly string[]): string[] {
  const [first = "", ...others] = text;
  return [
    ".TP",
    ...broken(inline(word)),
    ...filled(first),
    ...others.flatMap((text) => [".IP", ...filled(text)]),
  ];
}

/** Escapes all that roff would interpret. */
export function escaped(text: string): string {
  return [...text].map((character) => {
    const code = character.codePointAt(0)!;
    if (code > 0x7e) return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    return SPECIAL[character] ?? character;
  }).join("");
}

/** Escapes a text; words between backticks become bold. */
function inline(text: string): string {
  return text.split("`").map((part, index) => {
    if (index % 2 === 1) return `\\fB${escaped(part)}\\fR`;
    return escaped(part);
  }).join("");
}

/** Breaks a text into lines of the source. */
function filled(text: string): string[] {
  const lines: string[] = [];
  for (const word of inline(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(protect(word));
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Keeps roff from taking a line for a request. */
function protect(line: string): string {
  return line.startsWith(".") ? `\\&${line}` : line;
}

/** Breaks a long line of the page into several of the source. */
function broken(line: string): string[] {
  if (line.length <= WIDTH) return [line];
  const at = line.lastIndexOf(" ", WIDTH - 1);
  if (at <= 0) return [line];
  return [`${line.slice(0, at + 1)}\\`, ...broken(line.slice(at + 1))];
}
