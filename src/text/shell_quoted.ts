/**
 * Quoting of words for a shell.
 *
 * @module
 */

/** Quotes a word for a shell if it must be. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
