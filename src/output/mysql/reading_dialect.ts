/** SQL of MySQL and MariaDB for reading. */

import { crc32 } from "node:zlib";
import { MYSQL } from "../../filter/expression/sql/dialect.ts";
import { microsOf } from "../table/reader/micros.ts";
import type { ReadingDialect } from "../table/reader/store.ts";
import { dateTimeText } from "./date_time.ts";
import { quoted } from "./schema.ts";

/**
 * MySQL's expressions. Rows have no number: their address is the time with a checksum of their values.
 */
export const reading: ReadingDialect = {
  conditions: MYSQL,
  // MySQL's JSON would be parsed, and its numbers changed.
  column: ([name, type]) =>
    type === "json"
      ? `CAST(record.${quoted(name)} AS CHAR) AS ${quoted(name)}`
      : `record.${quoted(name)}`,
  timeColumn: (expression) => `${expression} AS \`time\``,
  time: timeLiteral,
  interval: (column, from, length) =>
    `TIMESTAMPDIFF(MICROSECOND, ${timeLiteral(from)}, ${column}) DIV ${length}`,
  sum: (expression) => `sum(${expression})`,
  // Elsewhere blanks at the end do not count.
  exact: (expression) => `CAST(${expression} AS BINARY)`,
  order: ({ order }) => [order],
  address: [],
  idOf({ payload: _, time, ...values }) {
    const text = JSON.stringify(
      Object.values(values),
      (_, value) => value instanceof Uint8Array ? value.toHex() : value,
    );
    return `${microsOf(time)}.${crc32(text)}`;
  },
  isAt(id) {
    const [, micros] = /^(\d{1,18})\.\d{1,10}$/.exec(id) ?? [];
    return micros === undefined ? undefined : `record.\`time\` = ${timeLiteral(BigInt(micros))}`;
  },
};

function timeLiteral(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n) * 1_000_000;
  const rest = String(micros % 1_000_000n).padStart(6, "0");
  return `CAST('${dateTimeText(seconds).slice(0, 19)}.${rest}' AS DATETIME(6))`;
}
