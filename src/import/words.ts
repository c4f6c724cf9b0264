/**
 * Texts of words that the shell completes, and the quotes around words.
 *
 * @module
 */

/** Stands for a `$` that the shell replaces; a literal one stays `$`. A private-use character. */
export const EXPANSION = "\uE000";

/** Stands for a command substitution. */
export const SUBSTITUTION = "\uE001";

/** The characters with a meaning of their own here; a text that holds one is not read. */
export const OWN_CHARACTERS: RegExp = /[\uE000\uE001]/;

/** Whether the shell would run a command to make this word. */
export function runsCommand({ text }: { text: string }): boolean {
  return text.includes(SUBSTITUTION);
}

/**
 * The name of the variable that a word consists of, as in `$IPT` or `"${IPT:-iptables}"`.
 *
 * @param text The word's text.
 * @returns undefined where there is more in the word, or no variable.
 */
export function variableOf(text: string): string | undefined {
  const [, plain, braced] = /^\uE000(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\[[@*]\]|[:=?+-][^]*)?\})$/
    .exec(text) ?? [];
  return plain ?? braced;
}

/** Whether a word holds arguments of a function or a script, as in `$1`. */
export function hasArguments({ text }: { text: string }): boolean {
  return /\uE000\{?[\d@*]/.test(text);
}

/**
 * A word that a shell takes for this text.
 *
 * @param text The text; an {@linkcode EXPANSION} in it is left to the shell.
 * @returns The text itself where it needs no quotes.
 */
export function quoted(text: string): string {
  return /^[\w@%+=:,./!-]+$/.test(text) ? text : inQuotes(text);
}

/** The same, in quotes whatever it holds. */
export function inQuotes(text: string): string {
  if (!text.includes(EXPANSION)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `"${text.replaceAll(/[$`"\\]/g, "\\$&").replaceAll(EXPANSION, "$")}"`;
}
