/** Words with expansions of the shell, and quoting. */

/** Stands for a `$` that the shell expands; a literal one stays `$`. A private-use character. */
export const EXPANSION = "\uE000";

/** Stands for a command substitution. */
export const SUBSTITUTION = "\uE001";

/** The characters with a meaning of their own here; a text that holds one is not read. */
export const OWN_CHARACTERS: RegExp = /[\uE000\uE001]/;

/** Returns whether the shell would run a command to expand this word. */
export function runsCommand({ text }: { text: string }): boolean {
  return text.includes(SUBSTITUTION);
}

/**
 * Returns the name of the variable that a word consists of, such as `$IPT` or `"${IPT:-iptables}"`.
 *
 * @param text The word's text.
 * @returns undefined if the word has more in it, or no variable.
 */
export function variableOf(text: string): string | undefined {
  const [, plain, braced] = /^\uE000(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\[[@*]\]|[:=?+-][^]*)?\})$/
    .exec(text) ?? [];
  return plain ?? braced;
}

/** Returns whether a word contains an expansion by the shell. */
export function isUnknown({ text }: { text: string }): boolean {
  return text.includes(EXPANSION) || text.includes(SUBSTITUTION);
}

/** Returns words without assignments before a command, which apply to that one only. */
export function withoutAssignments<Word extends { text: string }>(
  words: readonly Word[],
): readonly Word[] {
  const start = words.findIndex(({ text }) => !/^[A-Za-z_]\w*\+?=/.test(text));
  return start < 0 ? [] : words.slice(start);
}

/** Returns names of variables in a text, except for those with a default in it. */
export function variablesIn(text: string): string[] {
  const names = new Set<string>();
  const pattern = /\uE000(?:([A-Za-z_]\w*)|\{[!#]?([A-Za-z_]\w*)(?!:?[-=]|\w)|\(\(([^()]*)\)\))/g;
  for (const [, plain, braced, sum] of text.matchAll(pattern)) {
    const name = plain ?? braced;
    if (name !== undefined) names.add(name);
    for (const [each] of sum?.matchAll(/[A-Za-z_]\w*/g) ?? []) names.add(each);
  }
  return [...names];
}

/** Returns whether a word contains arguments of a function or a script, such as `$1`. */
export function hasArguments({ text }: { text: string }): boolean {
  return /\uE000\{?[\d@*#]/.test(text);
}

/**
 * Quotes a text for a shell.
 *
 * @param text The text; an {@linkcode EXPANSION} in it is left to the shell.
 * @returns The text itself if it needs no quotes.
 */
export function quoted(text: string): string {
  return /^[\w@%+=:,./!-]+$/.test(text) ? text : inQuotes(text);
}

/** Quotes a text for a shell even if it needs no quotes. */
export function inQuotes(text: string): string {
  if (!text.includes(EXPANSION)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `"${text.replaceAll(/[$`"\\]/g, "\\$&").replaceAll(EXPANSION, "$")}"`;
}
