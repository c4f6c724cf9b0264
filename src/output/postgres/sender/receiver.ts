/** PostgreSQL as the sender sees it: connections, the table's maintenance, batches. */

import type { Duplex } from "node:stream";
import type postgres from "postgres";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { loadBatch } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { KNOWN, Loaded, Receiver, ReceiverContext } from "../../delivery/receiver.ts";
import { client } from "../connect.ts";
import { problemOf } from "../connect_error.ts";
import { ConnectError } from "../../server/connect_failure.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { OutputError } from "../../../errors.ts";
import { PACKETS } from "../../table/packets.ts";
import type { RecordTable, TableKind } from "../../table/record_table.ts";
import { framesByTable, RECORD_TABLES } from "../../table/record_tables.ts";
import { relationOf } from "../catalog.ts";
import { ISOLATION, look, migrate } from "../migrate.ts";
import { countsOf, lossesOf } from "../schema/counts.ts";
import { receivedOf } from "../schema/received.ts";
import { isCounted } from "../../table/counts/counted.ts";
import { nameOf, parseTables, type Table } from "../table.ts";
import { PostgresTables } from "./loaded_table.ts";
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
  /** Half of a segment: smaller transactions take more CPU, larger ones more memory. */
  readonly batchBytes: number = 8 * 1024 * 1024;
  readonly #target: PostgresTarget;
  readonly #context: ReceiverContext;
  readonly #tables: Readonly<Record<TableKind, Table>>;
  readonly #maintainers: ReadonlyMap<RecordTable, PartitionMaintainer>;
  /** Tables that are up to date. */
  readonly #ready = new Set<RecordTable>();
  /** Those of them whose rows are counted. */
  readonly #counted = new Set<RecordTable>();
  #sql: postgres.Sql | undefined;
  #socket: Duplex | undefined;
  #loaded: PostgresTables | undefined;

  constructor(target: PostgresTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeConnection(target.connection);
    this.#tables = parseTables(context.setup.tables);
    this.#maintainers = new Map(
      RECORD_TABLES.map((record) => [
        record,
        new PartitionMaintainer(this.#tables[record.kind], target.retentionDays, context.log),
      ]),
    );
  }

  async connect(): Promise<void> {
    this.#socket = undefined;
    const sql = this.#sql = client(this.#target.connection, (socket) => this.#socket = socket);
    this.#ready.clear();
    this.#counted.clear();
    await this.#prepare(PACKETS);
    for (const record of RECORD_TABLES) await this.#prepareIfThere(record);
    this.#loaded = new PostgresTables(
      sql,
      this.#tables,
      {
        counted: this.#counted,
        hasLosses: await this.#isThere(lossesOf(this.#tables.packet)),
        hasReceived: await this.#isThere(receivedOf(this.#tables.packet)),
      },
      this.#context,
      () => this.#socket!,
      (error) => this.explain(error, "write rows"),
    );
  }

  async maintain(): Promise<void> {
    for (const record of this.#ready) await this.#maintainers.get(record)!.check(this.#sql!);
  }

  position(session: string): Promise<number> {
    return this.#loaded!.position(session);
  }

  async load(batch: Batch, since: number): Promise<Loaded | typeof KNOWN> {
    for (const [record, frames] of framesByTable(batch.frames)) {
      if (record === undefined) continue;
      await this.#prepare(record);
      await this.#maintainers.get(record)!.prepare(this.#sql!, { ...batch, frames });
    }
    this.#context.onProgress();
    return await loadBatch(this.#loaded!, batch, since);
  }

  async finish(): Promise<void> {
    for (const record of this.#ready) await this.#maintainers.get(record)!.finish(this.#sql!);
  }

  abort(): void {
    this.close();
  }

  async close(): Promise<void> {
    await this.#sql?.end({ timeout: 0 }).catch(() => {});
  }

  /** Makes a table, or brings it up to date, once for each connection. */
  async #prepare(record: RecordTable): Promise<void> {
    if (this.#ready.has(record)) return;
    const table = this.#tables[record.kind];
    const { create } = this.#target;
    const state = await migrate(this.#sql!, record, table, { create });
    if (state !== "current") this.#context.log.info(`The table ${nameOf(table)} was ${state}`);
    if (isCounted(record) && await this.#isThere(countsOf(table))) this.#counted.add(record);
    this.#ready.add(record);
  }

  /** Returns whether a table is there. One that was made before it may not be changed, with `create = false`. */
  async #isThere(table: Table): Promise<boolean> {
    return await this.#sql!.begin((own) => relationOf(own, table)) !== undefined;
  }

  /** Prepares a table that is there; what is wrong with it matters when its first record comes. */
  async #prepareIfThere(record: RecordTable): Promise<void> {
    const table = this.#tables[record.kind];
    try {
      const { version } = await this.#sql!.begin(ISOLATION, (own) => look(own, record, table));
      if (version > 0) await this.#prepare(record);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
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
