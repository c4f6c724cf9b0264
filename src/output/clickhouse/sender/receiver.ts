/** ClickHouse as the sender sees it: requests, maintenance of tables, batches. */

import type { Batch } from "../../../buffer/segment_batch.ts";
import { OutputError } from "../../../errors.ts";
import type { Following } from "../../delivery/following.ts";
import type { Problem } from "../../delivery/problem.ts";
import {
  type Loaded,
  NOTHING,
  type Receiver,
  type ReceiverContext,
} from "../../delivery/receiver.ts";
import { Client } from "../client.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { PACKETS } from "../../table/packets.ts";
import type { RecordTable } from "../../table/record_table.ts";
import { framesByTable, RECORD_TABLES } from "../../table/record_tables.ts";
import { findTable, migrate } from "../migrate.ts";
import { problemOf } from "../problem.ts";
import { ClickhouseTables } from "./loaded_tables.ts";
import { Maintainer } from "./maintainer.ts";

/** The database, as the sender's thread gets it. */
export interface ClickhouseTarget {
  connection: Connection;
  /** Compression of rows on their way. */
  compression: "none" | "gzip";
  /** Whether the table may be created or migrated. */
  create: boolean;
  /** Number of days to keep; absent for all. */
  retentionDays?: number;
}

/** Sends rows to ClickHouse. */
export class ClickhouseReceiver implements Receiver {
  readonly where: string;
  /** An insert has several: it is made as it is sent. */
  readonly batchBytes: number = 1536 * 1024;
  readonly #target: ClickhouseTarget;
  readonly #context: ReceiverContext;
  readonly #maintainers: ReadonlyMap<RecordTable, Maintainer>;
  /** Tables that are up to date. */
  readonly #ready = new Set<RecordTable>();
  #client: Client | undefined;
  #loaded: ClickhouseTables | undefined;
  /** Position behind the last batch that arrived, and its session. */
  #arrived: { session: string; position: number } | undefined;

  constructor(target: ClickhouseTarget, context: ReceiverContext) {
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
    const { connection, compression } = this.#target;
    const client = this.#client = await Client.open(connection);
    this.#loaded = new ClickhouseTables(
      client,
      compression,
      this.#context,
      (error) => this.explain(error, "write rows"),
    );
    this.#ready.clear();
    await this.#prepare(PACKETS);
    for (const record of RECORD_TABLES) await this.#prepareIfThere(record);
  }

  async maintain(): Promise<void> {
    for (const record of this.#ready) {
      await this.#maintainers.get(record)!.check(
        this.#client!,
        (error) => this.explain(error, "write rows").kind === "away",
      );
    }
  }

  /** Returns where this process has come to; the rows themselves tell the rest, see {@linkcode load}. */
  position(session: string): Promise<number> {
    const arrived = this.#arrived;
    return Promise.resolve(arrived?.session === session ? arrived.position : NOTHING);
  }

  async load(batch: Batch, _since: number, following: Following): Promise<Loaded> {
    for (const record of framesByTable(batch.frames).keys()) {
      if (record !== undefined) await this.#prepare(record);
    }
    this.#context.onProgress();
    const refused = await this.#loaded!.load(batch, following);
    this.#arrived = { session: batch.session, position: following.to };
    return { refused };
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
    const { found, change } = await migrate(this.#client!, record, table, { create });
    if (change !== "current") this.#context.log.info(`The table ${table} was ${change}`);
    this.#loaded!.add(found);
    this.#ready.add(record);
  }

  /** Prepares a table that is there; what is wrong with it matters when its first record comes. */
  async #prepareIfThere(record: RecordTable): Promise<void> {
    try {
      const table = this.#context.setup.tables[record.kind];
      const { version } = await findTable(this.#client!, record, table);
      if (version > 0) await this.#prepare(record);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  }

  explain(error: unknown, doing: string): Problem {
    return problemOf(error, this.#target.connection, doing);
  }
}
