/**
 * Rows of a fleet in PostgreSQL, judged by the packets themselves: the kernel's numbers, and the port
 * that each life of a sender has for itself.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { until } from "../system/process.ts";
import type { Cluster } from "../postgres/cluster.ts";

/** Rows of a host, for packets to one port. */
export interface Rows {
  /** Number of rows. */
  rows: number;
  /** Number of different packets. */
  packets: number;
  /** Packets between the first and the last number that have no row. */
  gaps: number;
  /** First number. */
  first: number;
  /** Rows that stand in front of one with a smaller number. */
  disorder: number;
}

const QUESTION = `
SELECT host, destination_port, count(*), count(DISTINCT seq), max(seq) - min(seq) + 1, min(seq),
  count(*) FILTER (WHERE seq < before)
FROM (
  SELECT host, destination_port, seq,
    lag(seq) OVER (PARTITION BY host, destination_port ORDER BY tableoid, ctid) AS before
  FROM packets
) AS numbered
GROUP BY host, destination_port`;

/** Reads the rows, by `HOST PORT`. */
export async function rowsOf(cluster: Cluster): Promise<Map<string, Rows>> {
  const lines = (await cluster.sql(QUESTION)).split("\n").filter(Boolean);
  return new Map(lines.map((line) => {
    const [host, port, ...figures] = line.split("|");
    const [rows, packets, span, first, disorder] = figures.map(Number) as [
      ...[number, number, number, number, number],
    ];
    return [`${host} ${port}`, { rows, packets, gaps: span - packets, first, disorder }];
  }));
}

/** Returns the number of rows; 0 while there is no table. */
export async function countOf(cluster: Cluster): Promise<number> {
  const there = await cluster.sql("SELECT to_regclass('packets') IS NOT NULL");
  return there === "t" ? Number(await cluster.sql("SELECT count(*) FROM packets")) : 0;
}

/**
 * Waits until the rows of all packets are there, and holds them to what is promised: each packet once,
 * in order, but for those that the kernel lost.
 *
 * @param hosts Packets that each host logged to one port, and those that its kernel lost.
 * @param port The port.
 * @param late Places at most where rows stand behind later ones: what waited in the spool of a killed
 *   centre arrives when that is back, and another one has gone on meanwhile.
 */
export async function assertRows(
  cluster: Cluster,
  hosts: ReadonlyMap<string, { logged: number; lost: number }>,
  port: number,
  late = 0,
): Promise<void> {
  const wanted = [...hosts.values()].reduce((sum, { logged, lost }) => sum + logged - lost, 0);
  const count = async () => {
    const rows = await cluster.sql(`SELECT count(*) FROM packets WHERE destination_port = ${port}`)
      .catch(() => "0");
    return Number(rows);
  };
  for (let seen = await count(); seen < wanted;) {
    // However many wait: there is an end as long as more come.
    let now = seen;
    await until(`more than ${seen} of ${wanted} rows`, async () => {
      await delay(100);
      return (now = await count()) > seen;
    });
    seen = now;
  }
  const rows = await rowsOf(cluster);
  for (const [host, { logged, lost }] of hosts) {
    const { disorder, ...found } = rows.get(`${host} ${port}`)!;
    const expected = logged - lost;
    assertEquals(
      found,
      { rows: expected, packets: expected, gaps: lost, first: 0 },
      `${host}: ${logged} logged, ${lost} lost`,
    );
    assert(disorder <= late, `${host}: ${disorder} rows stand in front of earlier ones`);
  }
}
