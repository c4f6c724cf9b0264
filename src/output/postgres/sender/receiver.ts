/** PostgreSQL as the sender sees it: connections, the table's maintenance, batches. */

import type { Duplex } from "node:stream";
import type postgres from "postgres";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { loadBatch } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { KNOWN, Receiver, ReceiverContext } from "../../delivery/receiver.ts";
import { client } from "../connect.ts";
import { problemOf } from "../connect_error.ts";
import { ConnectError } from "../../server/connect_failure.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { migrate } from "../migrate.ts";
import { parseTable, type Table } from "../table.ts";
import { PostgresTable } from "./loaded_table.ts";
import { PartitionMaintainer } from "./partition_maintainer.ts";

/** The database, as the sender's thread gets it. */
export interface PostgresTarget {
  connection: Connection;
  /** Whether the table may be created or migrated. */
  create: boolean;
  /** Number of days to keep; absent for all. */
  retentionDays?: number;
}

/** Sends rows to PostgreSQL. */
export class PostgresReceiver implements Receiver {
  readonly where: string;
  readonly #target: PostgresTarget;
  readonly #context: ReceiverContext;
  readonly #table: Table;
  readonly #maintainer: PartitionMaintainer;
  #sql: postgres.Sql | undefined;
  #socket: Duplex | undefined;
  #loaded: PostgresTable | undefined;

  constructor(target: PostgresTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeConnection(target.connection);
    this.#table = parseTable(context.setup.table);
    this.#maintainer = new PartitionMaintainer(this.#table, target.retentionDays, context.log);
  }

  async connect(): Promise<void> {
    const { connection, create } = this.#target;
    const { log, setup } = this.#context;
    this.#socket = undefined;
    const sql = this.#sql = client(connection, (socket) => this.#socket = socket);
    const state = await migrate(sql, this.#table, { create });
    if (state !== "current") log.info(`The table ${setup.table} was ${state}`);
    this.#loaded = new PostgresTable(
      sql,
      this.#table,
      this.#context,
      () => this.#socket!,
      (error) => this.explain(error, "write rows"),
    );
  }

  maintain(): Promise<void> {
    return this.#maintainer.check(this.#sql!);
  }

  position(session: string): Promise<number> {
    return this.#loaded!.position(session);
  }

  async load(batch: Batch, since: number): Promise<number | typeof KNOWN> {
    await this.#maintainer.prepare(this.#sql!, batch);
    this.#context.onProgress();
    return await loadBatch(this.#loaded!, batch, since);
  }

  finish(): Promise<void> {
    return this.#maintainer.finish(this.#sql!);
  }

  abort(): void {
    this.close();
  }

  async close(): Promise<void> {
    await this.#sql?.end({ timeout: 0 }).catch(() => {});
  }

  explain(error: unknown, doing: string): Problem {
    // Postgres.js says only that the connection was closed.
    return problemOf(hungUpOf(this.#socket) ?? error, this.#target.connection, doing);
  }
}

/** Returns why nfscribe has hung up; undefined if it has not. */
function hungUpOf(socket: Duplex | undefined): ConnectError | undefined {
  const error = socket?.errored;
  return error instanceof ConnectError && error.code === "BAD_MESSAGE" ? error : undefined;
}
