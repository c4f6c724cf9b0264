/** Names of tables: parsed from options, and written into SQL. */

import { TAKEN } from "../table/name.ts";
import type { TableKind, TableNames } from "../table/record_table.ts";

/** Name of a table, or of another relation. */
export interface Table {
  /** Its schema; undefined to search the search path. */
  schema: string | undefined;
  /** Its name, as it was written. */
  name: string;
}

/** The longest name that PostgreSQL keeps, in bytes (`NAMEDATALEN` - 1). */
const NAME_MOST = 63;
/** The longest suffix of a table's partitions and views. */
const LONGEST_SUFFIX = "_top_sources";

/**
 * Parses a table's name.
 *
 * @param text Text such as `packets` or `firewall.packets`; case is kept.
 * @throws {Error} If it is not a name of letters, digits and underscores, or is too long.
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
    throw new Error(`must be another name: "${name}" is a table that nfscribe uses itself`);
  }
  return { schema, name: name! };
}

/**
 * Parses the names of an output's tables.
 *
 * @throws {Error} If one is none, as in {@linkcode parseTable}.
 */
export function parseTables(names: TableNames): Readonly<Record<TableKind, Table>> {
  const packet = parseTable(names.packet);
  // A name without a schema is one beside the packets.
  const place = (name: string) => {
    const table = parseTable(name);
    return { ...table, schema: table.schema ?? packet.schema };
  };
  return { packet, flow: place(names.flow), counter: place(names.counter) };
}

/** Quotes a table's name for SQL. */
export function quoted({ schema, name }: Table): string {
  return schema === undefined ? quotedName(name) : `${quotedName(schema)}.${quotedName(name)}`;
}

/** Quotes one identifier for SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns another name in the same schema. */
export function beside({ schema }: Table, name: string): Table {
  return { schema, name };
}

/** Returns a table's name without quotes. */
export function nameOf({ schema, name }: Table): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
