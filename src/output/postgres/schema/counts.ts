/** Tables beside that of records: counts by time, and losses; and the statements that fill them. */

import {
  type Count,
  COUNT_COLUMNS,
  COUNTS_SUFFIX,
  KEY_COLUMNS,
} from "../../table/counts/counted.ts";
import { COUNT_NAMES, countAll } from "../../table/counts/schema.ts";
import type { Lost } from "../../delivery/losses.ts";
import { LOSS_COLUMNS, LOSSES_SUFFIX } from "../../table/losses.ts";
import type { RecordTable } from "../../table/record_table.ts";
import { TYPES } from "../dialect.ts";
import { beside, quoted, type Table } from "../table.ts";
import { comment, literal } from "./base.ts";

/** Returns the table with counts of another one. */
export function countsOf(table: Table): Table {
  return beside(table, table.name + COUNTS_SUFFIX);
}

/** Returns the table with losses beside that of packets. */
export function lossesOf(table: Table): Table {
  return beside(table, table.name + LOSSES_SUFFIX);
}

/** Returns the statements that make the table with counts, of the rows that there are, too. */
export function makeCounts(record: RecordTable, table: Table): string[] {
  const counts = quoted(countsOf(table));
  const columns = COUNT_COLUMNS.map(([name, type]) =>
    `  ${name} ${type === "int16" ? "smallint" : TYPES[type]} NOT NULL`
  );
  return [
    // Rows that come meanwhile would not be counted.
    `LOCK TABLE ${quoted(table)} IN SHARE MODE`,
    `CREATE TABLE ${counts} (
${columns.join(",\n")},
  PRIMARY KEY (${KEY_COLUMNS.join(", ")})
)`,
    comment("TABLE", counts, `${record.records} by minute, hour and day`),
    ...COUNT_COLUMNS.map(([name, , text]) => comment("COLUMN", `${counts}.${name}`, text)),
    ...countAll(record, quoted(table), counts, {
      start: (column, seconds) =>
        `to_timestamp(floor(extract(epoch FROM ${column}) / ${seconds}) * ${seconds})`,
      cut: (expression, most) => `left(${expression}, ${most})`,
    }),
    sameRights(table, counts, "SELECT, INSERT, UPDATE"),
  ];
}

/** Returns the statements that make the table with losses. */
export function makeLosses(table: Table): string[] {
  const losses = quoted(lossesOf(table));
  const columns = LOSS_COLUMNS.map(([name, type]) => `  ${name} ${TYPES[type]} NOT NULL`);
  return [
    `CREATE TABLE ${losses} (\n${columns.join(",\n")}\n)`,
    `CREATE INDEX ON ${losses} (time)`,
    comment("TABLE", losses, "Packets and events that the kernel had to drop"),
    ...LOSS_COLUMNS.map(([name, , text]) => comment("COLUMN", `${losses}.${name}`, text)),
    sameRights(table, losses, "INSERT"),
  ];
}

/**
 * Returns the statement that lets roles use a table beside the one that they read or write.
 *
 * @param writing Rights of a role that writes.
 */
export function sameRights(table: Table, other: string, writing: string): string {
  const grant = (rights: string) =>
    `EXECUTE ${literal(`GRANT ${rights} ON ${other} TO `)} || entry.role`;
  return `DO $rights$
DECLARE
  entry record;
BEGIN
  FOR entry IN SELECT privilege_type AS right,
      CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role
    FROM pg_catalog.pg_class, pg_catalog.aclexplode(relacl)
    WHERE oid = ${literal(quoted(table))}::regclass AND grantee <> relowner
  LOOP
    IF entry.right = 'SELECT' THEN
      ${grant("SELECT")};
    ELSIF entry.right = 'INSERT' THEN
      ${grant(writing)};
    END IF;
  END LOOP;
END
$rights$`;
}

/** Returns the statement that adds counts. */
export function addCountsStatement(table: Table, counts: readonly Count[]): string {
  const rows = counts.map(({ step, start, host, capture, prefix, protocol, records, bytes }) =>
    `(${step}, to_timestamp(${start}), ${[host, capture, prefix].map(literal).join(", ")}, ` +
    `${protocol}, ${records}, ${bytes})`
  );
  return `INSERT INTO ${quoted(countsOf(table))} AS counted (${COUNT_NAMES.join(", ")})
VALUES ${rows.join(",\n")}
ON CONFLICT (${KEY_COLUMNS.join(", ")}) DO UPDATE
SET records = counted.records + excluded.records, bytes = counted.bytes + excluded.bytes`;
}

/** Returns the statement that inserts losses. */
export function addLossesStatement(table: Table, losses: readonly Lost[]): string {
  const rows = losses.map(({ micros, host, capture, session, packets }) =>
    `(to_timestamp(${Math.floor(micros / 1e6)}) + interval '${micros % 1e6} microseconds', ` +
    `${literal(host)}, ${literal(capture)}, '${session}', ${packets})`
  );
  return `INSERT INTO ${quoted(lossesOf(table))} (time, host, capture, session, packets)
VALUES ${rows.join(",\n")}`;
}
