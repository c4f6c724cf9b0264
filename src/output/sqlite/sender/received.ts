/** Chunks that a SQLite database has. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  FORGET_DAYS,
  type Lane,
  type ReceivedLane,
  type ReceivedTable,
} from "../../delivery/claims.ts";
import { RECEIVED } from "../../table/name.ts";

/** The table of claims. A transaction of a writer has the whole database. */
export class SqliteReceived implements ReceivedTable<void> {
  readonly name = RECEIVED;
  readonly #database: DatabaseSync;
  readonly #table: string;
  #reading: StatementSync | undefined;
  #writing: StatementSync | undefined;

  /** Prepares nothing yet; `table` is that of packets. */
  constructor(database: DatabaseSync, table: string) {
    this.#database = database;
    this.#table = table;
  }

  read(_: void, lanes: readonly Lane[]): Promise<ReceivedLane[]> {
    const statement = this.#reading ??= this.#database.prepare(
      `SELECT spans FROM ${RECEIVED} WHERE table_name = ? AND session = ? AND lane = ?`,
    );
    return Promise.resolve(lanes.flatMap(({ session, lane }) => {
      const row = statement.get(this.#table, session, lane);
      return row === undefined ? [] : [{ session, lane, spans: String(row.spans) }];
    }));
  }

  begin(_: void, lanes: readonly Lane[]): Promise<void> {
    return this.write(_, lanes.map((lane) => ({ ...lane, spans: "" })));
  }

  write(_: void, lanes: readonly ReceivedLane[]): Promise<void> {
    const statement = this.#writing ??= this.#database.prepare(
      `INSERT INTO ${RECEIVED} (table_name, session, lane, spans) VALUES (?, ?, ?, ?)
ON CONFLICT (table_name, session, lane) DO UPDATE
SET spans = excluded.spans, updated = excluded.updated`,
    );
    for (const { session, lane, spans } of lanes) {
      statement.run(this.#table, session, lane, spans);
    }
    return Promise.resolve();
  }

  forget(): Promise<void> {
    this.#database.exec(
      `DELETE FROM ${RECEIVED} WHERE updated < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-${FORGET_DAYS} days')`,
    );
    return Promise.resolve();
  }
}
