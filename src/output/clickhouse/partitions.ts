/** The days of a table: each is a partition, which is dropped when it is past the retention. */

import type { Client } from "./client.ts";
import { literal, quoted } from "./schema.ts";

const DAY_MS = 86_400_000;

/** Returns the day of a time, since the Unix epoch, in UTC. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** Returns the day of a partition, as in `20260131`; NaN if it is none. */
export function dayOfName(name: string): number {
  const [, ...date] = /^(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return dayOf(Date.parse(`${date.join("-")}T00:00:00Z`));
}

/** Packets past the retention. */
export interface Expired {
  /** The dropped days, as in `20260131`. */
  dropped: string[];
  /** Days that were not dropped, because they are most of the table. */
  held: string[];
}

/**
 * Drops the days that are past the retention.
 *
 * @param today The current day, since the Unix epoch.
 * @param retentionDays Number of days to keep, besides the current one.
 * @param mayDropMost Whether most of the table may be dropped, which a wrong clock could cause.
 * @throws The server's error.
 */
export async function dropExpired(
  client: Client,
  table: string,
  today: number,
  retentionDays: number,
  mayDropMost: boolean,
): Promise<Expired> {
  const parts = await client.rows(
    "SELECT partition AS name, toString(sum(rows)) AS n FROM system.parts " +
      `WHERE active AND database = currentDatabase() AND table = ${
        literal(table)
      } GROUP BY partition`,
  );
  const days = parts.flatMap(({ name, n }) => {
    const day = dayOfName(String(name));
    return Number.isNaN(day) ? [] : [{ name: String(name), day, rows: Number(n) }];
  });
  const due = days.filter(({ day }) => day < today - retentionDays).sort((a, b) => a.day - b.day);
  const names = due.map(({ name }) => name);
  const rows = (some: typeof days) => some.reduce((sum, { rows }) => sum + rows, 0);
  const isMost = due.length > days.length / 2 || rows(due) > rows(days) / 2;
  if (!mayDropMost && isMost) return { dropped: [], held: names };
  for (const name of names) {
    await client.run(`ALTER TABLE ${quoted(table)} DROP PARTITION ${name}`);
  }
  return { dropped: names, held: [] };
}

/** Returns lines about what was dropped. */
export function expiryLines({ dropped, held }: Expired): string[] {
  return [
    ...dropped.length > 0 ? [`dropped, as retention_days says: ${dropped.join(", ")}`] : [],
    ...held.length > 0
      ? [
        "not dropped, though past retention_days, as it is most of the table: " +
        `${held.join(", ")}; if the clock is right, nfscribe db init drops them`,
      ]
      : [],
  ];
}
