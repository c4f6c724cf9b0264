/** The query that counts values of several columns. */

import type { TallyQuery } from "../table/reader/store.ts";

/** Returns a query that reads the rows once, and counts each column of them. */
export function tallyQuery({ columns, bytes, from }: TallyQuery): string {
  const fields = columns.map(([sql], index) => `${sql} AS field_${index}, `).join("");
  const each = columns.map(([, type], index) => {
    const field = `field_${index}`;
    // As text, an address would have the length of its network.
    const text = type === "address" ? `host(${field})` : `${field}::text`;
    return ` UNION ALL SELECT ${index}, ${text}, count(*), sum(size) ` +
      `FROM slice WHERE ${field} IS NOT NULL GROUP BY ${field}`;
  });
  return `WITH slice AS MATERIALIZED (SELECT ${fields}${bytes} AS size FROM ${from}) ` +
    `SELECT -1 AS list, NULL::text AS value, count(*) AS records, sum(size) AS bytes ` +
    `FROM slice${each.join("")}`;
}
