/** SQL of tables with counts that every database has in common. Pure. */

import type { RecordTable } from "../record_table.ts";
import { COUNT_COLUMNS, COUNTED_SQL, STEPS, TEXT_MOST } from "./counted.ts";

/** Differences of the databases. */
export interface CountsDialect {
  /** Returns the start of the interval that a time is in, of so many seconds. */
  start(column: string, seconds: number): string;
  /** Returns a text of so many characters at most. */
  cut(expression: string, most: number): string;
}

/** Names of the columns of counts. */
export const COUNT_NAMES: readonly string[] = COUNT_COLUMNS.map(([name]) => name);

/**
 * Returns the statements that count the rows that there are: minutes from the rows, longer times
 * from minutes.
 *
 * @param table Name of the table in SQL.
 * @param counts Name of the one with its counts.
 */
export function countAll(
  { kind }: RecordTable,
  table: string,
  counts: string,
  { start, cut }: CountsDialect,
): string[] {
  if (kind === "counter") return [];
  const { prefix, protocol, bytes } = COUNTED_SQL[kind];
  const head = `INSERT INTO ${counts} (${COUNT_NAMES.join(", ")})`;
  const groups = "GROUP BY 2, 3, 4, 5, 6";
  const texts = [
    cut("coalesce(host, '')", TEXT_MOST.host),
    cut("coalesce(capture, '')", TEXT_MOST.capture),
    cut(prefix, TEXT_MOST.prefix),
  ];
  const [minute, ...longer] = STEPS;
  return [
    `${head}
SELECT ${minute}, ${start("record.time", minute)}, ${texts.join(", ")},
  ${protocol}, count(*), sum(${bytes})
FROM ${table} AS record ${groups}`,
    ...longer.map((step) =>
      `${head}
SELECT ${step}, ${start("record.start", step)}, host, capture, prefix, protocol,
  sum(records), sum(bytes)
FROM ${counts} AS record WHERE step = ${minute} ${groups}`
    ),
  ];
}
