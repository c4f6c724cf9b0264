/** Names of tables in databases without schemas. */

/** Names that nfscribe uses itself. */
const TAKEN = ["nfscribe_tables", "nfscribe_spools"];

/**
 * Checks a table's name.
 *
 * @throws {Error} If it is not a name of letters, digits and underscores.
 */
export function parseTableName(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,50}$/.test(text)) {
    throw new Error(
      `must be a table's name of at most 51 letters, digits and _, as in packets, not ${
        JSON.stringify(text)
      }`,
    );
  }
  const lower = text.toLowerCase();
  if (TAKEN.includes(lower) || lower.startsWith("sqlite_")) {
    throw new Error(`must be another name: "${text}" is reserved`);
  }
  return text;
}
