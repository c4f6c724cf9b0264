/**
 * Counts the rows that arrive in a table, and empties it.
 *
 * @module
 */

import type { Cluster } from "../postgres/cluster.ts";

/** Rows of a session in one part of the table. */
interface Part {
  rows: number;
  unique: number;
  first: number;
  last: number;
}

/** Counts of all rows. */
export class RowCounts {
  /** Number of rows. */
  rows = 0;
  /** Rows that arrived more than once, or out of order. */
  twice = 0;
  readonly #cluster: Cluster;
  /** Last sequence number of each session. */
  readonly #last = new Map<string, number>();

  /** Counts nothing yet. */
  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Counts the rows in the table, and removes them in the same transaction. */
  async collect(): Promise<void> {
    const answer = await this.#cluster.sql(
      "BEGIN; LOCK TABLE packets IN ACCESS EXCLUSIVE MODE;" +
        "SELECT session, count(*), count(DISTINCT seq), min(seq), max(seq) FROM packets GROUP BY 1;" +
        "TRUNCATE packets; COMMIT",
    );
    for (const line of answer.split("\n").filter(Boolean)) {
      const [session, ...figures] = line.split("|");
      const [rows, unique, first, last] = figures.map(Number);
      this.#add(session!, { rows: rows!, unique: unique!, first: first!, last: last! });
    }
  }

  #add(session: string, { rows, unique, first, last }: Part): void {
    this.rows += rows;
    this.twice += rows - unique;
    // A sender sends its rows in their order, so that parts of the table do not overlap.
    const before = this.#last.get(session) ?? -1;
    if (first <= before) this.twice += before - first + 1;
    this.#last.set(session, last);
  }
}
