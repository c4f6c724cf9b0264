/** MySQL as the sender sees it: connections, the table's maintenance, batches. */

import type { Batch } from "../../../buffer/segment_batch.ts";
import { OutputError } from "../../../errors.ts";
import { loadBatch } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { KNOWN, Loaded, Receiver, ReceiverContext } from "../../delivery/receiver.ts";
import { Client } from "../client.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { PACKETS } from "../../table/packets.ts";
import type { RecordTable } from "../../table/record_table.ts";
import { framesByTable, RECORD_TABLES } from "../../table/record_tables.ts";
import { migrate, versionOf } from "../migrate.ts";
import { problemOf } from "../problem.ts";
import { MysqlTables } from "./loaded_table.ts";
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
  readonly #maintainers: ReadonlyMap<RecordTable, Maintainer>;
  /** Tables that are up to date, or as far as they may be changed, with their versions. */
  readonly #ready = new Map<RecordTable, number>();
  #client: Client | undefined;
  #loaded: MysqlTables | undefined;
  #saidInserts = false;

  constructor(target: MysqlTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeConnection(target.connection);
    const { setup, log } = context;
    this.#maintainers = new Map(
      RECORD_TABLES.map((record) => [
        record,
        new Maintainer(setup.tables[record.kind], target.retentionDays, log),
      ]),
    );
  }

  async connect(): Promise<void> {
    const { log } = this.#context;
    const client = this.#client = await Client.open(this.#target.connection);
    this.#ready.clear();
    await this.#prepare(PACKETS);
    for (const record of RECORD_TABLES) await this.#prepareIfThere(record);
    const [row] = await client.rows("SELECT @@local_infile AS loads");
    const loads = Number(row?.loads) === 1;
    if (!loads && !this.#saidInserts) {
      log.info(
        "The server loads no data from clients (local_infile = OFF): rows are inserted, which is slower",
      );
      this.#saidInserts = true;
    }
    this.#loaded = new MysqlTables(
      client,
      loads,
      this.#ready,
      this.#context,
      (error) => this.explain(error, "write rows"),
    );
  }

  async maintain(): Promise<void> {
    for (const record of this.#ready.keys()) {
      await this.#maintainers.get(record)!.check(
        this.#client!,
        (error) => this.explain(error, "write rows").kind === "away" && isConnection(error),
      );
    }
  }

  position(session: string): Promise<number> {
    return this.#loaded!.position(session);
  }

  async load(batch: Batch, since: number): Promise<Loaded | typeof KNOWN> {
    for (const record of framesByTable(batch.frames).keys()) {
      if (record !== undefined) await this.#prepare(record);
    }
    this.#context.onProgress();
    return await loadBatch(this.#loaded!, batch, since);
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

  /** Makes a table, or brings it up to date, once for each connection. */
  async #prepare(record: RecordTable): Promise<void> {
    if (this.#ready.has(record)) return;
    const table = this.#context.setup.tables[record.kind];
    const { create } = this.#target;
    const state = await migrate(this.#client!, record, table, { create });
    if (state !== "current") this.#context.log.info(`The table ${table} was ${state}`);
    this.#ready.set(record, await versionOf(this.#client!, record, table));
  }

  /** Prepares a table that is there; what is wrong with it matters when its first record comes. */
  async #prepareIfThere(record: RecordTable): Promise<void> {
    try {
      const version = await versionOf(
        this.#client!,
        record,
        this.#context.setup.tables[record.kind],
      );
      if (version > 0) await this.#prepare(record);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  }

  explain(error: unknown, doing: string): Problem {
    return problemOf(error, this.#target.connection, doing);
  }
}

/** Returns whether an error is one of the connection, not of a statement. */
function isConnection(error: unknown): boolean {
  return !(error instanceof Error && "sqlState" in error && error.sqlState);
}
