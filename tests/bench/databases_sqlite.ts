/**
 * Ways to load packets into SQLite, each measured once.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { migrate, openDatabase } from "../../src/output/sqlite/open.ts";
import { insertStatement } from "../../src/output/sqlite/schema.ts";
import { openSqlite } from "../../src/output/sqlite/writer.ts";
import { RowValues, type Value } from "../../src/output/table/row_values.ts";
import { deliveryOptions } from "../databases/rows.ts";
import { must } from "../system/process.ts";
import { cpuOf } from "./cpu.ts";
import { fillSpool, fromSpool, underFlood, WIDTH, withUlogd } from "./databases_common.ts";
import type { Figures } from "./load_report.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

/** Rows of a statement, and of a transaction. */
const [STATEMENT, TRANSACTION] = [50, 100_000];
/** Folder of ulogd's tables on Debian. */
const ULOGD_TABLES = "/usr/share/doc/ulogd2-sqlite3/sqlite3.table";

/** Returns SQLite's version. */
export function version(): string {
  using database = new DatabaseSync(":memory:");
  return String(database.prepare("SELECT sqlite_version() AS version").get()!.version);
}

/** Measures with files in a folder. */
export class Bench {
  readonly #folder: string;
  readonly #packets: number;
  #frames: Uint8Array[] = [];
  #last = 0;

  constructor(folder: string, packets: number) {
    this.#folder = folder;
    this.#packets = packets;
  }

  get #path(): string {
    return `${this.#folder}/nfscribe.db`;
  }

  async flooded(): Promise<Figures> {
    this.#clear();
    return await underFlood(this.#folder, this.#packets, {
      type: "sqlite",
      lines: `path = "${this.#path}"`,
      arrived: () => this.#get("SELECT coalesce(sum(rows), 0) FROM nfscribe_spools"),
      firstMs: () => this.#get("SELECT min(time) / 1000 FROM packets"),
      size: () => this.#size(),
    });
  }

  async fromSpool(): Promise<Figures> {
    this.#clear();
    const spool = `${this.#folder}/spool`;
    this.#frames = fillSpool(spool, this.#packets);
    return await fromSpool(this.#packets, () =>
      openSqlite({
        path: this.#path,
        ...deliveryOptions(spool),
      }, { info() {}, warn: console.error }), () => this.#size());
  }

  /** Inserts the rows of the spool, whose values are read beforehand. */
  prepared(): Promise<Figures> {
    this.#clear();
    using database = openDatabase(this.#path);
    migrate(database, PACKETS, this.#path, "packets");
    const statement = database.prepare(
      insertStatement(PACKETS, "packets", STATEMENT, [...Array(WIDTH).keys()]),
    );
    let [micros, cpuMicros, rows] = [0, 0, 0];
    for (const values of chunks(this.#frames)) {
      const [cpu, begin] = [cpuOf(Deno.pid), performance.now()];
      database.exec("BEGIN IMMEDIATE");
      for (const some of values) statement.run(...some);
      database.exec("COMMIT");
      micros += (performance.now() - begin) * 1000;
      cpuMicros += cpuOf(Deno.pid) - cpu;
      rows += values.length * STATEMENT;
    }
    const bytesPerRow = Deno.statSync(this.#path).size / rows;
    return Promise.resolve({ rows, seconds: micros / 1e6, cpuMicros, bytesPerRow });
  }

  async ulogd(): Promise<Figures> {
    this.#clear();
    this.#last = 0;
    const tables = await Deno.readTextFile(ULOGD_TABLES);
    await must(["sqlite3", this.#path], tables);
    return await withUlogd(
      this.#folder,
      { plugin: "SQLITE3", options: `table="ulog_pkt"\ndb="${this.#path}"` },
      ["raw2packet_BASE:BASE"],
      () => this.#unlessLocked("SELECT coalesce(max(rowid), 0) FROM ulog_pkt"),
      () => this.#size(),
    );
  }

  #get(query: string, timeout = 5000): Promise<number> {
    using database = new DatabaseSync(this.#path, { readOnly: true, timeout });
    return Promise.resolve(Number(Object.values(database.prepare(query).get()!)[0]));
  }

  /** Returns the last result while ulogd keeps readers out. */
  async #unlessLocked(query: string): Promise<number> {
    try {
      return this.#last = await this.#get(query, 0);
    } catch {
      return this.#last;
    }
  }

  #size(): Promise<number> {
    return Promise.resolve(Deno.statSync(this.#path).size);
  }

  #clear(): void {
    for (const name of ["nfscribe.db", "nfscribe.db-wal", "nfscribe.db-shm", "spool"]) {
      try {
        Deno.removeSync(`${this.#folder}/${name}`, { recursive: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}

/** Yields the values of each transaction's statements; a rest of fewer rows is left out. */
function* chunks(frames: readonly Uint8Array[]): Generator<Value[][]> {
  const reader = new RowValues(PACKETS.form);
  let all: Value[][] = [];
  let values: Value[] = [];
  for (const frame of frames) {
    for (let at = 0; at < frame.length;) {
      at = reader.read(frame, at, values, values.length);
      if (values.length < STATEMENT * WIDTH) continue;
      all.push(values);
      values = [];
      if (all.length < TRANSACTION / STATEMENT) continue;
      yield all;
      all = [];
    }
  }
  if (all.length > 0) yield all;
}
