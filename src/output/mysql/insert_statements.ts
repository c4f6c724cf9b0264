/** Makes statements that insert many rows, for servers that load no data from clients. */

import { RowValues, type Value } from "../table/row_values.ts";
import { TYPES } from "../table/row_cursor.ts";
import { dateTimeText } from "./date_time.ts";
import { COLUMN_LIST, quoted } from "./schema.ts";

/** Most characters of a statement: the least that servers take (`max_allowed_packet`) is more. */
const STATEMENT_MOST = 900_000;
/** Rows of a statement: more are hardly faster. */
const ROWS_MOST = 2000;

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
  table: string,
  frames: Iterable<Uint8Array>,
): Generator<string, void, undefined> {
  const head = `INSERT INTO ${quoted(table)} (${COLUMN_LIST}) VALUES `;
  const values = new RowValues();
  const row: Value[] = [];
  let statement = head;
  let rows = 0;
  for (const frame of frames) {
    for (let at = 0; at < frame.length;) {
      at = values.read(frame, at, row, 0);
      statement += `${rows++ === 0 ? "" : ", "}(${row.map(valueText).join(", ")})`;
      if (rows < ROWS_MOST && statement.length < STATEMENT_MOST) continue;
      yield statement;
      [statement, rows] = [head, 0];
    }
  }
  if (rows > 0) yield statement;
}

function valueText(value: Value, column: number): string {
  if (value === null) return "NULL";
  if (TYPES[column] === "time") return `'${dateTimeText(Number(value))}'`;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "string") {
    // deno-lint-ignore no-control-regex
    return `'${value.replaceAll(/[\0\n\r\x1a'\\]/g, (character) => ESCAPES[character]!)}'`;
  }
  return TYPES[column] === "bytes" && value.length === 0 ? "''" : `x'${value.toHex()}'`;
}
