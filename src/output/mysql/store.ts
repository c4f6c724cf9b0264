/** MySQL as the reader of its tables sees it. */

import { OutputError } from "../../errors.ts";
import { COUNTS_SUFFIX } from "../table/counts/counted.ts";
import { LOSSES_SUFFIX } from "../table/losses.ts";
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
import type { TableKind, TableNames } from "../table/record_table.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";
import { Tally, tallyRows } from "../table/reader/tally.ts";
import type { StoredValue, StoredValues } from "../table/stored_values.ts";
import { Arrivals } from "./arrivals.ts";
import { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { versionOf } from "./migrate.ts";
import { problemOf } from "./problem.ts";
import { isTimeout, limitTime, readFlows } from "./query.ts";
import { reading } from "./reading_dialect.ts";
import { literal, quoted } from "./schema.ts";

/** `ER_QUERY_INTERRUPTED` */
const INTERRUPTED = 1317;
/** Rights in the server's list that let a user write. */
const WRITING = /\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE)\b/;

/** A database over one connection whose session is read only. */
export class MysqlStore implements Store {
  readonly where: string;
  readonly dialect = reading;
  readonly isOrdered = true;
  losses: string | undefined;
  readonly #connection: Connection;
  readonly #names: TableNames;
  readonly #arrivals = new Arrivals();
  #client: Client | undefined;
  #tables: ReadonlyMap<TableKind, StoreTable> = new Map();
  /** The question before: questions take turns. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(connection: Connection, names: TableNames) {
    this.#connection = connection;
    this.#names = names;
    this.where = describeConnection(connection);
  }

  /**
   * Connects.
   *
   * @returns The database, and whether its user could write to it.
   * @throws {OutputError} If the server refuses, or has no table of packets.
   */
  static async open(
    connection: Connection,
    names: TableNames,
  ): Promise<{ store: MysqlStore; mayWrite: boolean }> {
    return await openedServer(new MysqlStore(connection, names), names.packet, async (ask) => {
      const grants = await ask("SHOW GRANTS");
      return grants.some((row) => WRITING.test(String(Object.values(row)[0])));
    });
  }

  table(kind: TableKind): StoreTable | undefined {
    return this.#tables.get(kind);
  }

  async look(untilMs: number, signal: AbortSignal): Promise<void> {
    const found = await this.rows(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
      untilMs,
      signal,
    );
    const names = new Set(found.map(({ name }) => String(name)));
    const tables = new Map<TableKind, StoreTable>();
    for (const record of RECORD_TABLES) {
      const name = this.#names[record.kind];
      if (!names.has(name)) continue;
      // Refuses tables of others and of a newer nfscribe.
      await this.#turn(untilMs, signal, (client) => versionOf(client, record, name));
      const counts = name + COUNTS_SUFFIX;
      tables.set(record.kind, {
        record,
        quoted: quoted(name),
        counts: names.has(counts) ? quoted(counts) : undefined,
      });
    }
    this.#tables = tables;
    const losses = this.#names.packet + LOSSES_SUFFIX;
    this.losses = names.has(losses) ? quoted(losses) : undefined;
  }

  rows(query: string, untilMs: number, signal: AbortSignal): Promise<StoredValues[]> {
    return this.#turn(untilMs, signal, async (client) => {
      const rows: StoredValues[] = [];
      for await (const row of client.stream(query)) rows.push(row as StoredValues);
      return rows;
    });
  }

  tally(query: TallyQuery, untilMs: number, signal: AbortSignal): Promise<StoredValues[]> {
    return this.#turn(untilMs, signal, async (client) => {
      const tally = new Tally(query);
      for await (const row of client.stream(tallyRows(query))) {
        tally.add(Object.values(row) as StoredValue[]);
      }
      return tally.found();
    });
  }

  arrived(
    table: StoreTable,
    query: ArrivalQuery,
    after: Cursor | undefined,
    budget: Budget,
  ): Promise<{ rows: StoredValues[]; after: Cursor; skipped: number }> {
    return this.#arrivals.read(this, table, query, after, budget);
  }

  summary(table: StoreTable, untilMs: number, signal: AbortSignal): Promise<KindSummary> {
    const name = literal(this.#names[table.record.kind]);
    const size = "SELECT SUM(data_length + index_length) AS bytes, SUM(table_rows) AS count " +
      `FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = ${name}`;
    return serverSummary(this, table, size, untilMs, signal);
  }

  hosts(untilMs: number, signal: AbortSignal): Promise<string[]> {
    return hostsIn(this, SPOOLS, untilMs, signal);
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    const { timeoutMs } = question;
    const table = this.#tables.get("flow");
    const { signal } = new AbortController();
    return answerNat(question, this.dialect.conditions, async (conditions, take) => {
      if (table === undefined) return;
      await this.#turn(
        performance.now() + timeoutMs,
        signal,
        (client) => readFlows(client, this.#names.flow, conditions, timeoutMs, take, this.where),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => {});
    this.#client?.close();
  }

  /** Asks once the questions before have their answers. */
  #turn<Result>(
    untilMs: number,
    signal: AbortSignal,
    act: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    const turn = this.#last.catch(() => {}).then(() => this.#ask(untilMs, signal, act));
    this.#last = turn;
    return turn;
  }

  async #ask<Result>(
    untilMs: number,
    signal: AbortSignal,
    act: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    let killing: Promise<void> | undefined;
    let kill = () => {};
    try {
      const client = await this.#connected();
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new SlowQueryError();
      await limitTime(client, Math.max(1, Math.ceil(leftMs)));
      const [row] = await client.rows("SELECT CONNECTION_ID() AS id");
      kill = () => void (killing ??= this.#kill(Number(row!.id)));
      signal.addEventListener("abort", kill);
      // A session's setting does not keep MariaDB from changing tables themselves.
      await client.run("START TRANSACTION READ ONLY");
      const result = await act(client);
      // Some functions end with a value when their query is killed.
      signal.throwIfAborted();
      await client.run("COMMIT");
      return result;
    } catch (error) {
      const explained = this.#explained(error);
      signal.throwIfAborted();
      throw explained;
    } finally {
      signal.removeEventListener("abort", kill);
      // The next question on this connection must not be canceled in its place.
      await killing;
    }
  }

  /** Returns the connection, whose session is read only. */
  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = await Client.open(this.#connection);
    try {
      await client.run("SET SESSION TRANSACTION READ ONLY");
      const found = await client.rows(
        "SHOW VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')",
      );
      if (found.length === 0 || found.some(({ Value }) => Value !== "ON")) {
        throw new OutputError(this.where, `Cannot use ${this.where}: it could be written`);
      }
      return this.#client = client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Cancels what the session is doing. */
  async #kill(id: number): Promise<void> {
    let client: Client | undefined;
    try {
      client = await Client.open(this.#connection);
      await client.run(`KILL QUERY ${id}`);
    } catch {
      // Its time limit ends it.
    } finally {
      client?.close();
    }
  }

  /** Explains an error. The connection is given up: rows of an answer may be left in it. */
  #explained(error: unknown): unknown {
    if (error instanceof SlowQueryError) return error;
    this.#client?.close();
    this.#client = undefined;
    if (error instanceof OutputError) return error;
    if (isTimeout(error) || (error as { errno?: unknown }).errno === INTERRUPTED) {
      return new SlowQueryError("canceled", { cause: error });
    }
    const { message } = problemOf(error, this.#connection, "read");
    return new OutputError(this.where, message, { cause: error });
  }
}
