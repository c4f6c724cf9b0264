/**
 * Questions to the server's catalog, which everybody may read.
 *
 * @module
 */

import type postgres from "postgres";
import type { Table } from "./table.ts";

/** A connection, or a transaction of one. */
export type Queries = postgres.ISql;

/** Something that has a name in a schema. */
export interface Relation {
  /** Where it is: never without its schema. */
  place: Table;
  /** Whether it is a table of partitions. */
  isPartitioned: boolean;
}

/** What has this name; undefined if nothing has. */
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

/** The schema that a table without one is made in; undefined if there is none. */
export async function currentSchema(sql: Queries): Promise<string | undefined> {
  const [row] = await sql<{ schema: string | null }[]>`SELECT current_schema() AS schema`;
  return row?.schema ?? undefined;
}

/** Whether there is such a schema. */
export async function hasSchema(sql: Queries, schema: string): Promise<boolean> {
  const rows = await sql`SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${schema}`;
  return rows.length > 0;
}

/** A partition of a table. */
export interface Partition {
  /** Its name. */
  place: Table;
  /** Where it begins, in seconds since the Unix epoch; undefined for the default partition. */
  from: number | undefined;
  /** Where the next may begin. */
  to: number | undefined;
  /** Whether it belongs to this role, or to one that this role is a member of. */
  isOwned: boolean;
  /** What `COMMENT ON TABLE` said of it. */
  comment: string | undefined;
}

/** Every partition of a table, which must be there. */
export async function partitionsOf(sql: Queries, place: Table): Promise<Partition[]> {
  // Bounds are text in the session's own time zone and style, which it reads again.
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

/** Of `FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)`; what has no bound has no quotes. */
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
