/** Tables of MySQL as batches are loaded into them. */

import type { Batch } from "../../../buffer/segment_batch.ts";
import type { Lost } from "../../delivery/losses.ts";
import type { LoadedTables } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import { NOTHING, type ReceiverContext } from "../../delivery/receiver.ts";
import { type Count, isCounted } from "../../table/counts/counted.ts";
import { SPOOLS } from "../../table/name.ts";
import { PACKETS } from "../../table/packets.ts";
import type { RecordTable, TableKind, TableNames } from "../../table/record_table.ts";
import { addCountsStatement, addLossesStatement } from "../beside_statements.ts";
import type { Client } from "../client.ts";
import { insertStatements } from "../insert_statements.ts";
import { LoadLines } from "../load_lines.ts";
import { WARNINGS } from "../problem.ts";
import { COUNTED_SINCE, loadStatement, LOSSES_SINCE, RECEIVED_SINCE } from "../schema.ts";
import { MysqlReceived } from "./received.ts";

/** `ER_DUP_ENTRY` */
const TAKEN = "ER_DUP_ENTRY";
/** Counts of a statement. */
const COUNTS_MOST = 500;

/** Error of rows that the server has taken, but not as they are. */
class WarningsError extends Error {
  readonly code = WARNINGS;
}

/** Loads batches over one connection; transactions belong to it. */
export class MysqlTables implements LoadedTables<void> {
  readonly #client: Client;
  readonly #names: TableNames;
  readonly #host: string;
  readonly #loads: boolean;
  readonly #versions: ReadonlyMap<RecordTable, number>;
  readonly #onProgress: () => void;
  readonly #lines = new Map<TableKind, LoadLines>();
  readonly explain: LoadedTables<void>["explain"];
  readonly quarantine: LoadedTables<void>["quarantine"];
  readonly received: MysqlReceived | undefined;

  /**
   * Prepares it.
   *
   * @param loads Whether the server loads data from clients.
   * @param versions Versions of the tables: those beside older ones are missing.
   */
  constructor(
    client: Client,
    loads: boolean,
    versions: ReadonlyMap<RecordTable, number>,
    { setup, quarantine, onProgress }: ReceiverContext,
    explain: (error: unknown) => Problem,
  ) {
    this.#client = client;
    this.#names = setup.tables;
    this.#loads = loads;
    this.#versions = versions;
    this.#host = setup.host;
    this.#onProgress = onProgress;
    if (versions.get(PACKETS)! >= RECEIVED_SINCE) {
      this.received = new MysqlReceived(client, setup.tables.packet);
    }
    this.explain = explain;
    this.quarantine = quarantine;
  }

  async position(session: string): Promise<number> {
    const [row] = await this.#client.rows(
      `SELECT \`position\` FROM ${SPOOLS} WHERE spool = ? AND table_name = ?`,
      [session, this.#names.packet],
    );
    const position = Number(row?.position ?? NOTHING);
    return Number.isSafeInteger(position) ? position : NOTHING;
  }

  async begin(act: () => Promise<number>): Promise<number> {
    await this.#client.run("START TRANSACTION");
    try {
      const result = await act();
      await this.#client.run("COMMIT");
      return result;
    } catch (error) {
      // Over a connection that is lost, the server has rolled back by itself.
      await this.#client.run("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  async copyFrames(
    _: void,
    record: RecordTable,
    frames: readonly Uint8Array[],
  ): Promise<void> {
    if (!this.#loads) return await this.#insert(record, frames);
    const lines = this.#linesOf(record);
    const { affectedRows, warningStatus } = await this.#client.load(
      loadStatement(record, this.#names[record.kind]),
      this.#progressing(lines.of(frames)),
    );
    // Data from clients is cut to fit, or left out, in strict mode too.
    if (warningStatus === 0 && affectedRows === lines.rows) return;
    throw new WarningsError(`the server warns of ${warningStatus} values`);
  }

  async copyRows(_: void, record: RecordTable, rows: readonly Uint8Array[]): Promise<void> {
    await this.#client.run("SAVEPOINT part");
    try {
      await this.#insert(record, rows);
    } catch (error) {
      await this.#client.run("ROLLBACK TO SAVEPOINT part");
      throw error;
    }
    await this.#client.run("RELEASE SAVEPOINT part");
  }

  counts(record: RecordTable): boolean {
    return isCounted(record) && this.#versions.get(record)! >= COUNTED_SINCE;
  }

  async addCounts(_: void, { kind }: RecordTable, counts: readonly Count[]): Promise<void> {
    for (let from = 0; from < counts.length; from += COUNTS_MOST) {
      const some = counts.slice(from, from + COUNTS_MOST);
      await this.#client.run(addCountsStatement(this.#names[kind], some));
      this.#onProgress();
    }
  }

  async addLosses(_: void, losses: readonly Lost[]): Promise<void> {
    if (this.#versions.get(PACKETS)! < LOSSES_SINCE) return;
    await this.#client.run(addLossesStatement(this.#names.packet, losses));
  }

  async advance(_: void, batch: Batch, since: number, rows: number): Promise<boolean> {
    const { session, to } = batch;
    const moved = await this.#client.run(
      `UPDATE ${SPOOLS} SET \`position\` = ?, \`rows\` = \`rows\` + ? ` +
        "WHERE spool = ? AND table_name = ? AND `position` = ?",
      [to, rows, session, this.#names.packet, since],
    );
    if (moved.affectedRows > 0) return true;
    if (since !== NOTHING) return false;
    try {
      await this.#client.run(
        `INSERT INTO ${SPOOLS} (spool, table_name, \`position\`, \`rows\`, host) ` +
          "VALUES (?, ?, ?, ?, ?)",
        [session, this.#names.packet, to, rows, this.#host],
      );
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === TAKEN) return false;
      throw error;
    }
  }

  #linesOf({ kind, form }: RecordTable): LoadLines {
    const lines = this.#lines.get(kind) ?? new LoadLines(form);
    this.#lines.set(kind, lines);
    return lines;
  }

  async #insert(record: RecordTable, frames: readonly Uint8Array[]): Promise<void> {
    const statements = insertStatements(record, this.#names[record.kind], frames);
    for (const statement of this.#progressing(statements)) {
      await this.#client.run(statement);
    }
  }

  *#progressing<Piece>(pieces: Iterable<Piece>): Generator<Piece, void, undefined> {
    for (const piece of pieces) {
      this.#onProgress();
      yield piece;
    }
  }
}
