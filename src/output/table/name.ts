/** Names of tables: nfscribe's own, and those in databases without schemas. */

/** Table that records the tables that nfscribe created. */
export const TABLES = "nfscribe_tables";
/** Table that records how much of each spool has arrived. */
export const SPOOLS = "nfscribe_spools";
/** Table that records which chunks of other hosts' messages have arrived, by whatever way. */
export const RECEIVED = "nfscribe_received";
/** Names that a table of packets cannot have. */
export const TAKEN: readonly string[] = [TABLES, SPOOLS, RECEIVED];

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
