/** The table of chunks that have arrived, which tables of a schema share. */

import { RECEIVED } from "../../table/name.ts";
import { beside, quoted, type Table } from "../table.ts";
import { sameRights } from "./counts.ts";

/** Returns the table of chunks beside that of packets. */
export function receivedOf(table: Table): Table {
  return beside(table, RECEIVED);
}

/** Returns the statements that make it. */
export function makeReceived(table: Table): string[] {
  const received = quoted(receivedOf(table));
  return [
    `CREATE TABLE IF NOT EXISTS ${received} (
  table_name text,
  session uuid,
  lane text,
  spans text NOT NULL,
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (table_name, session, lane)
)`,
    sameRights(table, received, "SELECT, INSERT, UPDATE, DELETE"),
  ];
}
