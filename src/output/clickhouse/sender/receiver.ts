/** ClickHouse as the sender sees it: requests, the table's maintenance, batches. */

import type { Batch } from "../../../buffer/segment_batch.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type Receiver, type ReceiverContext } from "../../delivery/receiver.ts";
import { Client } from "../client.ts";
import { type Connection, describeConnection } from "../connection.ts";
import { migrate } from "../migrate.ts";
import { problemOf } from "../problem.ts";
import { ClickhouseTable } from "./loaded_table.ts";
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
  /** An insert makes a part: few and large ones are better, and take memory. */
  readonly batchBytes: number = 8 * 1024 * 1024;
  readonly #target: ClickhouseTarget;
  readonly #context: ReceiverContext;
  readonly #maintainer: Maintainer;
  #client: Client | undefined;
  #loaded: ClickhouseTable | undefined;
  /** Position behind the last batch that arrived, and its session. */
  #arrived: { session: string; position: number } | undefined;

  constructor(target: ClickhouseTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeConnection(target.connection);
    const { setup, log } = context;
    this.#maintainer = new Maintainer(setup.tables.packet, target.retentionDays, log);
  }

  async connect(): Promise<void> {
    const { connection, compression, create } = this.#target;
    const { log, setup } = this.#context;
    const client = this.#client = await Client.open(connection);
    const { found, change } = await migrate(client, setup.tables.packet, { create });
    if (change !== "current") log.info(`The table ${setup.tables.packet} was ${change}`);
    this.#loaded = new ClickhouseTable(
      client,
      found,
      compression,
      this.#context,
      (error) => this.explain(error, "write rows"),
    );
  }

  maintain(): Promise<void> {
    return this.#maintainer.check(
      this.#client!,
      (error) => this.explain(error, "write rows").kind === "away",
    );
  }

  /** Returns where this process has come to; the rows themselves tell the rest, see {@linkcode load}. */
  position(session: string): Promise<number> {
    const arrived = this.#arrived;
    return Promise.resolve(arrived?.session === session ? arrived.position : NOTHING);
  }

  async load(batch: Batch): Promise<number> {
    this.#context.onProgress();
    const refused = await this.#loaded!.load(batch);
    this.#arrived = { session: batch.session, position: batch.to };
    return refused;
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
