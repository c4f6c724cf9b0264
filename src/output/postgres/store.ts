/** PostgreSQL as the reader of its tables sees it. */

import type postgres from "postgres";
import { OutputError } from "../../errors.ts";
import { SPOOLS } from "../table/name.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import {
  type ArrivalQuery,
  hostsIn,
  openedServer,
  serverSummary,
  SlowQueryError,
  type Store,
  type StoreTable,
  type TallyQuery,
} from "../table/reader/store.ts";
import type { Budget, Cursor, KindSummary } from "../table/reading.ts";
import { PACKETS } from "../table/packets.ts";
import type { TableKind } from "../table/record_table.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";
import type { StoredValues } from "../table/stored_values.ts";
import { type Arrived, readArrivals } from "./arrivals.ts";
import { type Queries, relationOf } from "./catalog.ts";
import { client } from "./connect.ts";
import { problemOf } from "./connect_error.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { look } from "./migrate.ts";
import { CANCELED, readFlows } from "./query.ts";
import { reading } from "./reading_dialect.ts";
import { literal } from "./schema/base.ts";
import { countsOf, lossesOf } from "./schema/counts.ts";
import { beside, nameOf, quoted, type Table } from "./table.ts";
import { tallyQuery } from "./tally.ts";

/** Setting of a connection that cannot write. */
const READ_ONLY = ["default_transaction_read_only", "on"] as const;

/** A database over one connection, each of whose transactions is read only. */
export class PostgresStore implements Store {
  readonly where: string;
  readonly dialect = reading;
  readonly isOrdered = false;
  losses: string | undefined;
  readonly #connection: Connection;
  readonly #sql: postgres.Sql;
  readonly #places: Readonly<Record<TableKind, Table>>;
  #tables: ReadonlyMap<TableKind, StoreTable> = new Map();
  #found: ReadonlyMap<TableKind, Table> = new Map();

  private constructor(connection: Connection, places: Readonly<Record<TableKind, Table>>) {
    this.#connection = { ...connection, settings: [...connection.settings, READ_ONLY] };
    this.#places = places;
    this.where = describeConnection(connection);
    this.#sql = client(this.#connection);
  }

  /**
   * Connects.
   *
   * @returns The database, and whether its user could write to it.
   * @throws {OutputError} If the server refuses, or has no table of packets.
   */
  static async open(
    connection: Connection,
    places: Readonly<Record<TableKind, Table>>,
  ): Promise<{ store: PostgresStore; mayWrite: boolean }> {
    const store = new PostgresStore(connection, places);
    return await openedServer(store, nameOf(places.packet), async (ask) => {
      const packets = literal(quoted(store.#found.get(PACKETS.kind)!));
      const [row] = await ask(
        `SELECT current_setting('transaction_read_only') AS is_read_only, ` +
          `has_table_privilege(${packets}, 'INSERT')::text AS may_write`,
      );
      if (row!.is_read_only === "on") return row!.may_write === "true";
      throw new OutputError(store.where, `Cannot use ${store.where}: it could be written`);
    });
  }

  table(kind: TableKind): StoreTable | undefined {
    return this.#tables.get(kind);
  }

  async look(untilMs: number, signal: AbortSignal): Promise<void> {
    await this.#transaction(untilMs, signal, async (own) => {
      const tables = new Map<TableKind, StoreTable>();
      const found = new Map<TableKind, Table>();
      for (const record of RECORD_TABLES) {
        const { place, version } = await look(own, record, this.#places[record.kind]);
        if (version === 0) continue;
        const counts = await this.#isThere(own, countsOf(place));
        found.set(record.kind, place);
        tables.set(record.kind, { record, quoted: quoted(place), counts });
      }
      [this.#tables, this.#found] = [tables, found];
      const packets = found.get(PACKETS.kind);
      this.losses = packets && await this.#isThere(own, lossesOf(packets));
    });
  }

  rows(query: string, untilMs: number, signal: AbortSignal): Promise<StoredValues[]> {
    return this.#transaction(
      untilMs,
      signal,
      async (own) => [...await own.unsafe<StoredValues[]>(query)],
    );
  }

  tally(query: TallyQuery, untilMs: number, signal: AbortSignal): Promise<StoredValues[]> {
    return this.rows(tallyQuery(query), untilMs, signal);
  }

  arrived(
    { record }: StoreTable,
    query: ArrivalQuery,
    after: Cursor | undefined,
    { ms, signal }: Budget,
  ): Promise<Arrived> {
    const untilMs = performance.now() + ms;
    const read = (query: string) => this.rows(query, untilMs, signal);
    return readArrivals(read, this.#found.get(record.kind)!, this.#spools, query, after);
  }

  summary(table: StoreTable, untilMs: number, signal: AbortSignal): Promise<KindSummary> {
    const place = literal(quoted(this.#found.get(table.record.kind)!));
    const size = "SELECT sum(pg_total_relation_size(relid)) AS bytes, " +
      `sum(greatest(reltuples, 0))::bigint AS count FROM pg_partition_tree(${place}::regclass) ` +
      "JOIN pg_catalog.pg_class ON oid = relid AND isleaf";
    return serverSummary(this, table, size, untilMs, signal);
  }

  hosts(untilMs: number, signal: AbortSignal): Promise<string[]> {
    return hostsIn(this, this.#spools, untilMs, signal);
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    const place = this.#found.get("flow");
    return answerNat(question, this.dialect.conditions, async (conditions, take) => {
      if (place === undefined) return;
      await this.#explained(() =>
        readFlows(this.#sql, place, conditions, question.timeoutMs, take, this.where)
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  get #spools(): string {
    return quoted(beside(this.#found.get(PACKETS.kind)!, SPOOLS));
  }

  async #isThere(sql: Queries, table: Table): Promise<string | undefined> {
    return await relationOf(sql, table) === undefined ? undefined : quoted(table);
  }

  /** Does work in a transaction that ends when the time is up or the question is given up. */
  async #transaction<Result>(
    untilMs: number,
    signal: AbortSignal,
    act: (own: Queries) => Promise<Result>,
  ): Promise<Result> {
    let canceling: Promise<void> | undefined;
    let cancel = () => {};
    try {
      return await this.#explained(() =>
        this.#sql.begin("READ ONLY", async (own) => {
          const leftMs = Math.ceil(untilMs - performance.now());
          signal.throwIfAborted();
          if (leftMs <= 0) throw new SlowQueryError();
          const [row] = await own.unsafe<{ pid: number }[]>(
            `SELECT set_config('statement_timeout', '${leftMs}', true), ` +
              "set_config('jit', 'off', true), pg_backend_pid() AS pid",
          );
          cancel = () => canceling ??= this.#cancel(row!.pid);
          signal.addEventListener("abort", cancel);
          try {
            return await act(own);
          } finally {
            signal.removeEventListener("abort", cancel);
            // The next question on this connection must not be canceled in its place.
            await canceling;
          }
        }) as Promise<Result>
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** Cancels what the session is doing. */
  async #cancel(pid: number): Promise<void> {
    const sql = client(this.#connection);
    try {
      await sql.begin((own) => own.unsafe(`SELECT pg_cancel_backend(${pid})`));
    } catch {
      // Its time limit ends it.
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  async #explained<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof OutputError || error instanceof SlowQueryError) throw error;
      if (error instanceof DOMException) throw error;
      if ((error as { code?: unknown }).code === CANCELED) {
        throw new SlowQueryError("canceled", { cause: error });
      }
      const { message } = problemOf(error, this.#connection, "read");
      throw new OutputError(this.where, message, { cause: error });
    }
  }
}
