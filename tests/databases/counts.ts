/**
 * Comparison of counts with the rows that they are of.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { COUNTED_SQL, STEPS, TEXT_MOST } from "../../src/output/table/counts/counted.ts";

/**
 * Checks that all intervals of the counts beside a table sum up to its rows, for each key.
 *
 * @param query Runs a query of `nfscribe`'s database; returns its rows, in the same form for both.
 */
export async function assertCounted(
  query: (sql: string) => Promise<readonly unknown[]>,
  kind: "packet" | "flow" = "packet",
): Promise<void> {
  // MariaDB compares texts elsewhere without the blanks at their ends.
  const cut = (text: string) =>
    `substr(${text}, 1, ${TEXT_MOST.prefix}) /*M! COLLATE utf8mb4_nopad_bin */`;
  const table = `${kind}s`;
  const { prefix, protocol, bytes } = COUNTED_SQL[kind];
  const sums = async (keys: string, records: string, of: string, from: string) =>
    (await query(`SELECT ${keys}, ${records}, sum(${of}) FROM ${from} GROUP BY 1, 2, 3`))
      .map(String).toSorted();
  const rows = await sums(
    `coalesce(host, ''), ${cut(prefix)}, ${protocol}`,
    "count(*)",
    bytes,
    table,
  );
  for (const step of STEPS) {
    const from = `${table}_counts WHERE step = ${step}`;
    const counts = await sums("host, prefix, protocol", "sum(records)", "bytes", from);
    assertEquals(counts, rows, `${table} by ${step} s`);
  }
}
