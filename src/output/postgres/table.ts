/**
 * Names of tables: read from options, and written into SQL.
 *
 * @module
 */

/** A table, or something else with a name, of a database. */
export interface Table {
  /** Its schema; undefined for the one that the search path finds. */
  schema: string | undefined;
  /** Its name, as it was written. */
  name: string;
}

/** Bytes of a name that PostgreSQL keeps (`NAMEDATALEN` - 1). */
const NAME_MOST = 63;
/** The longest of what is put behind a table's name to name its partitions and views. */
const LONGEST_SUFFIX = "_top_sources";
/** Names that the bookkeeping takes. */
const TAKEN = ["nfscribe_tables", "nfscribe_spools"];

/**
 * Reads a table's name.
 *
 * @param text As in `packets` or `firewall.packets`; upper and lower case are kept.
 * @throws {Error} If it is no name that needs no thought in SQL, or is too long.
 */
export function parseTable(text: string): Table {
  const [first, second, ...others] = text.split(".");
  const parts = second === undefined ? [first!] : [first!, second];
  if (others.length > 0 || !parts.every(isPlain)) {
    throw new Error(
      `must be a table's name of letters, digits and _, as in packets or firewall.packets, ` +
        `not ${JSON.stringify(text)}`,
    );
  }
  const [name, schema] = parts.reverse();
  const most = NAME_MOST - LONGEST_SUFFIX.length;
  if (name!.length > most) {
    throw new Error(`must be at most ${most} letters long, not ${name!.length}: "${name}"`);
  }
  if (schema !== undefined && schema.length > NAME_MOST) {
    throw new Error(`must name a schema of at most ${NAME_MOST} letters, not ${schema.length}`);
  }
  if (TAKEN.includes(name!)) {
    throw new Error(`must be another name: "${name}" is where nfscribe keeps its books`);
  }
  return { schema, name: name! };
}

/** A table's name as SQL has it. */
export function quoted({ schema, name }: Table): string {
  return schema === undefined ? quotedName(name) : `${quotedName(schema)}.${quotedName(name)}`;
}

/** One name as SQL has it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What stands under another name in the same schema. */
export function beside({ schema }: Table, name: string): Table {
  return { schema, name };
}

/** A table's name as people write it. */
export function nameOf({ schema, name }: Table): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
