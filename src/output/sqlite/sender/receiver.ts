/** A SQLite database as the sender sees it. */

import type { DatabaseSync } from "node:sqlite";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { isSame, unlessAbsent } from "../../../files/place.ts";
import { counted } from "../../../text/figures.ts";
import { Clock } from "../../delivery/clock.ts";
import { OutputError } from "../../../errors.ts";
import { loadBatch } from "../../delivery/load.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { KNOWN, Loaded, Receiver, ReceiverContext } from "../../delivery/receiver.ts";
import { PACKETS } from "../../table/packets.ts";
import type { RecordTable } from "../../table/record_table.ts";
import { framesByTable, RECORD_TABLES } from "../../table/record_tables.ts";
import { migrate, openDatabase, versionOf } from "../open.ts";
import { MovedError, problemOf } from "../problem.ts";
import { Expiry, type Retention } from "../retention.ts";
import { SqliteTables } from "./loaded_table.ts";

/** Interval of deleting what is past the retention, in milliseconds. */
const EXPIRY_MS = 1000;
/** Longest time that rows wait for that, in milliseconds; the rest follows after the next batch. */
const TURN_MS = 250;
/** Interval of messages about deleted packets, in milliseconds. */
const TELL_MS = 3_600_000;

/** The database, as the sender's thread gets it. */
export interface SqliteTarget extends Retention {
  /** Its file. */
  path: string;
}

/** Writes rows to a SQLite database. */
export class SqliteReceiver implements Receiver {
  readonly where: string;
  /** Larger transactions are no faster, and take memory. */
  readonly batchBytes: number = 4 * 1024 * 1024;
  readonly #target: SqliteTarget;
  readonly #context: ReceiverContext;
  readonly #clock = new Clock();
  #database: DatabaseSync | undefined;
  #file: Deno.FileInfo | undefined;
  #loaded: SqliteTables | undefined;
  #expiry: Expiry | undefined;
  /** Tables that are up to date. */
  readonly #ready = new Set<RecordTable>();
  #expiredMs = -Infinity;
  #deleted = 0;
  #toldMs = -Infinity;
  #heldTold = false;
  #exceededTold = false;

  constructor(target: SqliteTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = target.path;
  }

  connect(): Promise<void> {
    const { path } = this.#target;
    const database = this.#database = openDatabase(path);
    this.#expiry = new Expiry(database, this.#target);
    this.#ready.clear();
    this.#prepare(PACKETS);
    for (const record of RECORD_TABLES) this.#prepareIfThere(record);
    this.#file = Deno.statSync(path);
    this.#loaded = new SqliteTables(
      database,
      this.#context,
      (error) => this.explain(error, "write rows"),
    );
    return Promise.resolve();
  }

  maintain(): Promise<void> {
    const { elapsedMs, nowMs, isSteady } = this.#clock.look();
    if (!this.#expiry!.isOn || elapsedMs < this.#expiredMs + EXPIRY_MS) return Promise.resolve();
    if (isSteady) this.#tellHeld(nowMs);
    let deleted: number;
    do {
      deleted = this.#expiry!.deleteSome(isSteady ? nowMs : undefined, false);
      this.#deleted += deleted;
    } while (deleted > 0 && performance.now() < elapsedMs + TURN_MS);
    this.#expiredMs = deleted > 0 ? -Infinity : elapsedMs;
    if (deleted === 0) this.#tellDeleted(elapsedMs);
    if (this.#expiry!.isExceededByOthers) this.#tellExceeded();
    return Promise.resolve();
  }

  position(session: string): Promise<number> {
    return Promise.resolve(this.#loaded!.position(session));
  }

  load(batch: Batch, since: number): Promise<Loaded | typeof KNOWN> {
    this.#requireInPlace();
    for (const record of framesByTable(batch.frames).keys()) {
      if (record !== undefined) this.#prepare(record);
    }
    this.#context.onProgress();
    return loadBatch(this.#loaded!, batch, since);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  /** Does nothing: SQLite does not wait for a network. */
  abort(): void {}

  close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    try {
      database?.close();
    } catch {
      // The next connection shows what is wrong with the file.
    }
    return Promise.resolve();
  }

  explain(error: unknown, doing: string): Problem {
    return problemOf(error, this.#target.path, doing === "connect" ? "write" : doing);
  }

  #tellDeleted(nowMs: number): void {
    if (this.#deleted === 0 || nowMs < this.#toldMs + TELL_MS) return;
    const rows = counted(this.#deleted, "row");
    this.#context.log.info(`Deleted from ${this.where}, as the retention says: ${rows}`);
    [this.#deleted, this.#toldMs] = [0, nowMs];
  }

  /** Says once that no packets are deleted in the place of other tables. */
  #tellExceeded(): void {
    if (this.#exceededTold) return;
    this.#exceededTold = true;
    this.#context.log.warn(
      `Other tables of ${this.where} alone are larger than retention_bytes: no packets are deleted ` +
        "for it; raise it, or give nfscribe a file of its own",
    );
  }

  /** Says once that most of a table is too old, which a wrong clock may cause, and is held back. */
  #tellHeld(nowMs: number): void {
    if (this.#heldTold || !this.#expiry!.isMostDue(nowMs)) return;
    this.#heldTold = true;
    this.#context.log.info(
      `Most of a table of ${this.where} is past retention_days, and is not deleted; if the clock ` +
        "is right, nfscribe db init deletes it",
    );
  }

  /** Prepares a table that is there; what is wrong with it matters when its first record comes. */
  #prepareIfThere(record: RecordTable): void {
    const table = this.#context.setup.tables[record.kind];
    try {
      if (versionOf(this.#database!, record, this.where, table) > 0) this.#prepare(record);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  }

  /** Makes a table, or brings it up to date, once for each connection. */
  #prepare(record: RecordTable): void {
    if (this.#ready.has(record)) return;
    const table = this.#context.setup.tables[record.kind];
    const state = migrate(this.#database!, record, this.where, table);
    if (state !== "current") {
      this.#context.log.info(`The table ${table} of ${this.where} was ${state}`);
    }
    this.#expiry!.add(record, table);
    this.#ready.add(record);
  }

  /** Notices that another program has moved the file away: SQLite would go on writing to it. */
  #requireInPlace(): void {
    const found = unlessAbsent(() => Deno.statSync(this.#target.path));
    if (found !== undefined && isSame(found, this.#file!)) return;
    // What the write-ahead log holds belongs to the file that was moved.
    this.#database!.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    throw new MovedError();
  }
}
