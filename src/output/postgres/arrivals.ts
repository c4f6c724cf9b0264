/**
 * Rows of PostgreSQL in the order of arrival: no column tells it, but new rows come behind all others
 * of their partition. Partitions of older days are not looked at.
 */

import type { ArrivalQuery } from "../table/reader/store.ts";
import type { StoredValues } from "../table/stored_values.ts";
import { partitionOf } from "./partitions.ts";
import { literal } from "./schema/base.ts";
import { beside, quoted, type Table } from "./table.ts";

const DAY_MS = 86_400_000;
/** Blocks at the end of a partition whose rows are looked at; others are skipped. */
const BLOCKS_MOST = 500;

/** The end of a partition: a place behind which there are new rows only. */
interface Mark {
  block: number;
  offset: number;
}

/** Ends of partitions by their object identifiers, and the rows that all spools have brought. */
interface Marks {
  rows: number;
  ends: Map<string, Mark>;
}

/** A partition that rows may come to. */
interface Part {
  oid: string;
  quoted: string;
  blocks: number;
}

/** Runs a query. */
type Read = (query: string) => Promise<StoredValues[]>;

/** Rows that have arrived. */
export interface Arrived {
  rows: StoredValues[];
  after: string;
  skipped: number;
}

/**
 * Reads rows that have arrived.
 *
 * @param spools Table that tells how many rows have come, in SQL.
 * @param after Place behind which they are; undefined for the present end.
 */
export async function readArrivals(
  read: Read,
  place: Table,
  spools: string,
  { columns, condition, limit }: ArrivalQuery,
  after: string | undefined,
): Promise<Arrived> {
  const [sum] = await read(`SELECT coalesce(sum(rows), 0) AS rows FROM ${spools}`);
  const rows = Number(sum!.rows);
  const before = after === undefined ? undefined : parseMarks(after);
  if (before?.rows === rows) return { rows: [], after: after!, skipped: 0 };
  const next: Marks = { rows, ends: new Map() };
  const found: StoredValues[] = [];
  let [looked, matched, isJump] = [0, 0, false];
  for (const part of await partsOf(read, place, Date.now())) {
    const mark = before === undefined ? endOf(part) : before.ends.get(part.oid) ?? START;
    const first = Math.max(mark.block, part.blocks - BLOCKS_MOST);
    isJump ||= first > mark.block;
    const from = first > mark.block ? { block: first, offset: 0 } : mark;
    const isNew = `record.ctid > '(${from.block},${from.offset})'::tid`;
    const [seen] = await read(
      `SELECT max(record.ctid)::text AS last, count(*) AS looked, ` +
        `count(*) FILTER (WHERE ${condition}) AS matched FROM ${part.quoted} AS record WHERE ${isNew}`,
    );
    const last = seen!.last === null ? from : parseTid(String(seen!.last));
    next.ends.set(part.oid, last);
    if (before === undefined) continue;
    looked += Number(seen!.looked);
    matched += Number(seen!.matched);
    if (Number(seen!.matched) === 0) continue;
    const some = await read(
      `SELECT ${columns} FROM ${part.quoted} AS record WHERE ${isNew} AND ` +
        `record.ctid <= '(${last.block},${last.offset})'::tid AND (${condition}) ` +
        `ORDER BY record.ctid DESC LIMIT ${limit}`,
    );
    found.push(...some.reverse());
  }
  const shown = found.slice(-limit);
  const skipped = before === undefined
    ? 0
    : matched - shown.length + (isJump ? Math.max(0, rows - before.rows - looked) : 0);
  return { rows: shown, after: marksText(next), skipped };
}

const START: Mark = { block: 0, offset: 0 };

/** Returns a place before the last rows of a partition. */
function endOf({ blocks }: Part): Mark {
  return { block: Math.max(0, blocks - 1), offset: 0 };
}

/** Returns the partitions of these days that there are, and the one of all other days. */
async function partsOf(read: Read, place: Table, nowMs: number): Promise<Part[]> {
  const today = Math.floor(nowMs / DAY_MS);
  const names = [-1, 0, 1].map((days) => partitionOf(place, today + days).name);
  names.unshift(`${place.name}_default`);
  const schema = place.schema === undefined ? "" : ` AND n.nspname = ${literal(place.schema)}`;
  const rows = await read(
    `SELECT c.oid::bigint::text AS oid, c.relname AS name, n.nspname AS schema, ` +
      `pg_relation_size(c.oid) / current_setting('block_size')::integer AS blocks ` +
      `FROM pg_catalog.pg_partition_tree(${literal(quoted(place))}::regclass) t ` +
      `JOIN pg_catalog.pg_class c ON c.oid = t.relid ` +
      `JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ` +
      `WHERE t.isleaf AND c.relname IN (${
        names.map(literal).join(", ")
      })${schema} ORDER BY c.relname`,
  );
  return rows.map(({ oid, name, schema, blocks }) => ({
    oid: String(oid),
    quoted: quoted(beside({ ...place, schema: String(schema) }, String(name))),
    blocks: Number(blocks),
  }));
}

function marksText({ rows, ends }: Marks): string {
  return [
    String(rows),
    ...[...ends].map(([oid, { block, offset }]) => `${oid}.${block}.${offset}`),
  ].join("-");
}

/** Parses marks; what is none of them means the beginning. */
function parseMarks(text: string): Marks {
  const [rows, ...ends] = text.split("-");
  return {
    rows: Number(rows),
    ends: new Map(ends.map((end) => {
      const [oid, block, offset] = end.split(".");
      return [oid!, { block: Number(block) || 0, offset: Number(offset) || 0 }];
    })),
  };
}

function parseTid(place: string): Mark {
  const [block, offset] = place.slice(1, -1).split(",").map(Number);
  return { block: block!, offset: offset! };
}
