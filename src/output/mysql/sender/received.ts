/** Chunks that a MySQL database has. */

import {
  FORGET_DAYS,
  type Lane,
  type ReceivedLane,
  type ReceivedTable,
} from "../../delivery/claims.ts";
import { RECEIVED } from "../../table/name.ts";
import type { Client } from "../client.ts";
import { literal } from "../schema.ts";

/** Lanes of a statement. */
const LANES_MOST = 500;

/** The table of claims; transactions belong to the connection. */
export class MysqlReceived implements ReceivedTable<void> {
  readonly name = RECEIVED;
  readonly #client: Client;
  readonly #table: string;

  /** Asks nothing yet; `table` is that of packets. */
  constructor(client: Client, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(_: void, lanes: readonly Lane[]): Promise<ReceivedLane[]> {
    const found: ReceivedLane[] = [];
    for (const some of inPieces(lanes)) {
      const rows = await this.#client.rows(
        `SELECT session, lane, spans FROM ${RECEIVED} WHERE table_name = ${literal(this.#table)} ` +
          `AND (${some.map(conditionOf).join(" OR ")}) FOR UPDATE`,
      );
      for (const { session, lane, spans } of rows) {
        found.push({ session: String(session), lane: String(lane), spans: String(spans) });
      }
    }
    return found;
  }

  async begin(_: void, lanes: readonly Lane[]): Promise<void> {
    for (const some of inPieces(lanes)) {
      const rows = some.map((lane) => this.#rowOf({ ...lane, spans: "" }));
      await this.#client.run(
        `INSERT INTO ${RECEIVED} (table_name, session, lane, spans) VALUES ${rows.join(", ")} ` +
          "ON DUPLICATE KEY UPDATE lane = VALUES(lane)",
      );
    }
  }

  async write(_: void, lanes: readonly ReceivedLane[]): Promise<void> {
    for (const some of inPieces(lanes)) {
      await this.#client.run(
        `INSERT INTO ${RECEIVED} (table_name, session, lane, spans) ` +
          `VALUES ${some.map((lane) => this.#rowOf(lane)).join(", ")} ` +
          "ON DUPLICATE KEY UPDATE spans = VALUES(spans), updated = CURRENT_TIMESTAMP",
      );
    }
  }

  async forget(): Promise<void> {
    await this.#client.run(
      `DELETE FROM ${RECEIVED} WHERE updated < CURRENT_TIMESTAMP - INTERVAL ${FORGET_DAYS} DAY`,
    );
  }

  #rowOf({ session, lane, spans }: ReceivedLane): string {
    return `(${[this.#table, session, lane, spans].map(literal).join(", ")})`;
  }
}

function conditionOf({ session, lane }: Lane): string {
  return `session = ${literal(session)} AND lane = ${literal(lane)}`;
}

function* inPieces<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += LANES_MOST) {
    yield items.slice(from, from + LANES_MOST);
  }
}
