/** Queries of the server's catalog, which every role may read. */

import type postgres from "postgres";
import type { Table } from "./table.ts";

/** A connection, or a transaction on one. */
export type Queries = postgres.ISql;

/** A relation in a schema. */
export interface Relation {
  /** Its name, always with a schema. */
  place: Table;
  /** Whether it is a partitioned table. */
  isPartitioned: boolean;
}

/** Finds the relation with this name; undefined if there is none. */
export async function relationOf(sql: Queries, table: Table): Promise<Relation | undefined> {
  const { schema = null, name } = table;
  const [row] = await sql<{ schema: string; kind: string }[]>`
    SELECT n.nspname AS schema, c.relkind AS kind
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = ${name} AND (
      n.nspname = ${schema}::text OR ${schema}::text IS NULL AND pg_catalog.pg_table_is_visible(c.oid)
    )`;
  if (row === undefined) return undefined;
  return { place: { schema: row.schema, name }, isPartitioned: row.kind === "p" };
}

/** Returns the schema in which a table without one is created; undefined if there is none. */
export async function currentSchema(sql: Queries): Promise<string | undefined> {
  const [row] = await sql<{ schema: string | null }[]>`SELECT current_schema() AS schema`;
  return row?.schema ?? undefined;
}

/** Returns whether a schema exists. */
export async function hasSchema(sql: Queries, schema: string): Promise<boolean> {
  const rows = await sql`SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${schema}`;
  return rows.length > 0;
}

/** A partition of a table. */
export interface Partition {
  /** Its name. */
  place: Table;
  /** Lower bound in seconds since the Unix epoch; undefined for the default partition. */
  from: number | undefined;
  /** Upper bound, which is exclusive. */
  to: number | undefined;
  /** Whether this role owns it, or one that this role is a member of. */
  isOwned: boolean;
  /** Its comment (`COMMENT ON TABLE`). */
  comment: string | undefined;
}

/** Lists the partitions of a table, which must exist. */
export async function partitionsOf(sql: Queries, place: Table): Promise<Partition[]> {
  // Bounds are text in the session's own time zone and style, which it can parse again.
  const rows = await sql<PartitionRow[]>`
    SELECT n.nspname AS schema, c.relname AS name, b.bound = 'DEFAULT' AS "isDefault",
      coalesce(extract(epoch FROM substring(b.bound FROM ${BEGIN})::timestamptz), '-infinity')::float8 AS from,
      coalesce(extract(epoch FROM substring(b.bound FROM ${END})::timestamptz), 'infinity')::float8 AS to,
      pg_catalog.pg_has_role(c.relowner, 'USAGE') AS "isOwned",
      pg_catalog.obj_description(c.oid, 'pg_class') AS comment
    FROM pg_catalog.pg_inherits i
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
      JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
      CROSS JOIN LATERAL pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS b(bound)
    WHERE p.relname = ${place.name} AND pn.nspname = ${place.schema!}
    ORDER BY 4, 2`;
  return rows.map(({ schema, name, isDefault, isOwned, from, to, comment }) => ({
    place: { schema, name },
    from: isDefault ? undefined : from,
    to: isDefault ? undefined : to,
    isOwned,
    comment: comment ?? undefined,
  }));
}

/**
 * Pattern for `FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)`; an open bound has no
 * quotes.
 */
const BEGIN = String.raw`FROM \('([^']*)'\)`;
const END = String.raw`TO \('([^']*)'\)`;

interface PartitionRow {
  schema: string;
  name: string;
  isDefault: boolean;
  isOwned: boolean;
  from: number;
  to: number;
  comment: string | null;
}
