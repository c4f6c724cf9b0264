/**
 * Words as a shell takes them.
 *
 * @module
 */

/** A word as a shell takes it: in quotes where it must be. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
