/** Chunks that a PostgreSQL database has. */

import {
  FORGET_DAYS,
  type Lane,
  type ReceivedLane,
  type ReceivedTable,
} from "../../delivery/claims.ts";
import { literal } from "../schema/base.ts";
import { receivedOf } from "../schema/received.ts";
import { quoted, type Table } from "../table.ts";
import type { Transaction } from "./copy.ts";

/** The table of claims. */
export class PostgresReceived implements ReceivedTable<Transaction> {
  readonly name: string;
  readonly #received: string;
  readonly #table: string;

  /** Asks nothing yet; `table` is that of packets. */
  constructor(table: Table) {
    this.name = receivedOf(table).name;
    this.#received = quoted(receivedOf(table));
    this.#table = literal(table.name);
  }

  async read(transaction: Transaction, lanes: readonly Lane[]): Promise<ReceivedLane[]> {
    const wanted = lanes.map(({ session, lane }) => `('${session}'::uuid, ${literal(lane)})`);
    return await transaction.unsafe<ReceivedLane[]>(
      `SELECT session::text, lane, spans FROM ${this.#received} WHERE table_name = ${this.#table} ` +
        `AND (session, lane) IN (VALUES ${wanted.join(", ")}) ORDER BY session, lane FOR UPDATE`,
    );
  }

  async begin(transaction: Transaction, lanes: readonly Lane[]): Promise<void> {
    const rows = lanes.map((lane) => this.#rowOf({ ...lane, spans: "" }));
    await transaction.unsafe(
      `INSERT INTO ${this.#received} (table_name, session, lane, spans) ` +
        `VALUES ${rows.join(", ")} ON CONFLICT DO NOTHING`,
    );
  }

  async write(transaction: Transaction, lanes: readonly ReceivedLane[]): Promise<void> {
    await transaction.unsafe(
      `INSERT INTO ${this.#received} AS received (table_name, session, lane, spans)
VALUES ${lanes.map((lane) => this.#rowOf(lane)).join(", ")}
ON CONFLICT (table_name, session, lane) DO UPDATE SET spans = excluded.spans, updated = now()`,
    );
  }

  async forget(transaction: Transaction): Promise<void> {
    await transaction.unsafe(
      `DELETE FROM ${this.#received} WHERE updated < now() - interval '${FORGET_DAYS} days'`,
    );
  }

  #rowOf({ session, lane, spans }: ReceivedLane): string {
    return `(${this.#table}, '${session}'::uuid, ${literal(lane)}, ${literal(spans)})`;
  }
}
