/**
 * Compares what a program printed with what a document says that it prints.
 *
 * @module
 */

/** Values that differ from run to run: their names, and patterns that match them. */
const VARYING: readonly (readonly [name: string, pattern: RegExp])[] = [
  // 2026-11-23T06:22:52.693767Z, 2026-11-23; Nov 23 06:39:01; 06:22:52.693767
  ["time", /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?)?/g],
  ["time", /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d(?::\d\d)?/g],
  ["time", /\b\d\d:\d\d:\d\d(?:\.\d+)?/g],
  // time 405ms, 79.0 GiB free
  ["amount", /\b\d+(?:\.\d+)? ?(?:µs|ms|s|GiB)\b/g],
  // id 6591, ID=29155, process 9475
  ["id", /\b(?:id|ID|process|seq)[ =]\d+/g],
  // Ports that the kernel chooses, process ids, sequence numbers
  ["number", /\b\d{5,}\b/g],
];

/**
 * Compares two texts. Times, durations, ids and numbers of five or more digits are all
 * alike, and so is space of any width. `…` stands for anything within its line; a line
 * of its own, for any lines.
 *
 * @param wanted What the document says.
 * @param printed What the program printed.
 * @returns The first line of the document that is not there; undefined if all is as it says.
 */
export function difference(wanted: string, printed: string): string | undefined {
  const said = common(printed);
  const lines = common(wanted).trimEnd().split("\n");
  let pattern = "";
  for (const [index, line] of lines.entries()) {
    pattern += line === "…" ? "(?:.*\n)*" : `${literally(line).replaceAll("…", ".*")}\n`;
    if (!new RegExp(`^${pattern}`).test(said)) {
      return `does not print line ${index + 1} of what it should: ${wanted.split("\n")[index]}`;
    }
  }
  return new RegExp(`^${pattern}$`).test(said) ? undefined : "prints more than it should";
}

/** Replaces what differs from run to run. */
function common(text: string): string {
  const named = VARYING.reduce(
    (text, [name, pattern]) => text.replaceAll(pattern, `<${name}>`),
    text,
  );
  return named.replaceAll(/[ \t]+/g, " ").replaceAll(/^ | $/gm, "").replace(/\n*$/, "\n");
}

/** Returns a pattern for just this text. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|\/]/g, "\\$&");
}
