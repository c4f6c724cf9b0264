/** MySQL as the sender sees it: connections, the table's maintenance, batches. */

import type { Batch } from "../../../buffer/segment_batch.ts";
import { loadBatch } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { KNOWN, Receiver, ReceiverContext } from "../../delivery/receiver.ts";
import { Client } from "../client.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { migrate } from "../migrate.ts";
import { problemOf } from "../problem.ts";
import { MysqlTable } from "./loaded_table.ts";
import { Maintainer } from "./maintainer.ts";

/** The database, as the sender's thread gets it. */
export interface MysqlTarget {
  connection: Connection;
  /** Whether the table may be created or migrated. */
  create: boolean;
  /** Number of days to keep; absent for all. */
  retentionDays?: number;
}

/** Sends rows to MySQL. */
export class MysqlReceiver implements Receiver {
  readonly where: string;
  /** Larger transactions are no faster, and take memory. */
  readonly batchBytes: number = 4 * 1024 * 1024;
  readonly #target: MysqlTarget;
  readonly #context: ReceiverContext;
  readonly #maintainer: Maintainer;
  #client: Client | undefined;
  #loaded: MysqlTable | undefined;
  #saidInserts = false;

  constructor(target: MysqlTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeConnection(target.connection);
    const { setup, log } = context;
    this.#maintainer = new Maintainer(setup.table, target.retentionDays, log);
  }

  async connect(): Promise<void> {
    const { connection, create } = this.#target;
    const { log, setup } = this.#context;
    const client = this.#client = await Client.open(connection);
    const state = await migrate(client, setup.table, { create });
    if (state !== "current") log.info(`The table ${setup.table} was ${state}`);
    const [row] = await client.rows("SELECT @@local_infile AS loads");
    const loads = Number(row?.loads) === 1;
    if (!loads && !this.#saidInserts) {
      log.info(
        "The server loads no data from clients (local_infile = OFF): rows are inserted, which is slower",
      );
      this.#saidInserts = true;
    }
    this.#loaded = new MysqlTable(
      client,
      setup.table,
      loads,
      this.#context,
      (error) => this.explain(error, "write rows"),
    );
  }

  maintain(): Promise<void> {
    return this.#maintainer.check(
      this.#client!,
      (error) => this.explain(error, "write rows").kind === "away" && isConnection(error),
    );
  }

  position(session: string): Promise<number> {
    return this.#loaded!.position(session);
  }

  load(batch: Batch, since: number): Promise<number | typeof KNOWN> {
    this.#context.onProgress();
    return loadBatch(this.#loaded!, batch, since);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  abort(): void {
    this.#client?.close();
  }

  close(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    return Promise.resolve();
  }

  explain(error: unknown, doing: string): Problem {
    return problemOf(error, this.#target.connection, doing);
  }
}

/** Returns whether an error is one of the connection, not of a statement. */
function isConnection(error: unknown): boolean {
  return !(error instanceof Error && "sqlState" in error && error.sqlState);
}
