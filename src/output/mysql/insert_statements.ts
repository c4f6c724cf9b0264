/** Makes statements that insert many rows, for servers that load no data from clients. */

import type { ColumnType } from "../table/columns.ts";
import type { RecordTable } from "../table/record_table.ts";
import { RowValues, type Value } from "../table/row_values.ts";
import { dateTimeText } from "./date_time.ts";
import { columnList, quoted } from "./schema.ts";

/** Most characters of a statement: the least that servers take (`max_allowed_packet`) is more. */
const STATEMENT_MOST = 900_000;
/** Rows of a statement: more are hardly faster. */
const ROWS_MOST = 200;

/** Escapes of a string (MySQL documentation, "String Literals"). */
const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\n": "\\n",
  "\r": "\\r",
  "\x1a": "\\Z",
  "'": "\\'",
  "\\": "\\\\",
};

/** Makes the statements that insert the rows of frames. */
export function* insertStatements(
  record: RecordTable,
  table: string,
  frames: Iterable<Uint8Array>,
): Generator<string, void, undefined> {
  const head = `INSERT INTO ${quoted(table)} (${columnList(record)}) VALUES `;
  const { types } = record.form;
  const values = new RowValues(record.form);
  const row: Value[] = [];
  let statement = head;
  let rows = 0;
  for (const frame of frames) {
    for (let at = 0; at < frame.length;) {
      at = values.read(frame, at, row, 0);
      statement += `${rows++ === 0 ? "" : ", "}(${
        row.map((value, column) => valueText(value, types[column]!)).join(", ")
      })`;
      if (rows < ROWS_MOST && statement.length < STATEMENT_MOST) continue;
      yield statement;
      [statement, rows] = [head, 0];
    }
  }
  if (rows > 0) yield statement;
}

/** Returns a value in SQL. */
export function valueText(value: Value, type: ColumnType): string {
  if (value === null) return "NULL";
  if (type === "time") return `'${dateTimeText(Number(value))}'`;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "string") {
    // deno-lint-ignore no-control-regex
    return `'${value.replaceAll(/[\0\n\r\x1a'\\]/g, (character) => ESCAPES[character]!)}'`;
  }
  return type === "bytes" && value.length === 0 ? "''" : `x'${value.toHex()}'`;
}
