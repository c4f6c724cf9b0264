/** Statements that create the views. */

import type { RecordTable } from "../../table/record_table.ts";
import type { View } from "../../table/view.ts";
import { ulog1View } from "../../table/views.ts";
import { dialect } from "../dialect.ts";
import { beside, quoted, type Table } from "../table.ts";
import { comment } from "./base.ts";

/** Returns the statements that create the views that every database has. */
export function makeViews(record: RecordTable, table: Table): string[] {
  return record.views(viewed(table), dialect).flatMap((view) => makeView(table, view));
}

/** Returns the statements that create the view of version 3. */
export function makeUlog1(table: Table): string[] {
  return makeView(table, ulog1View(viewed(table), dialect));
}

function makeView(table: Table, { name, description, query }: View): string[] {
  const view = quoted(beside(table, name));
  return [`CREATE VIEW ${view} AS\n${query}`, comment("VIEW", view, description)];
}

function viewed(table: Table) {
  return { name: table.name, quoted: quoted(table) };
}
