/** A database with a table for each kind of record, for `nfscribe db`. */

import type { SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { conditionFor } from "./condition.ts";
import { FLOWS } from "./flows.ts";
import { migrateTable, type Migration, missing } from "./migration.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "./nat_question.ts";
import { PACKETS } from "./packets.ts";
import type { RecordTable, TableKind, TableOption } from "./record_table.ts";
import { RECORD_TABLES, recordTableOf } from "./record_tables.ts";
import type { StoredRecord } from "./stored_record.ts";

/** Connections to a database. */
export interface Connections<Client> {
  /** The database, for messages. */
  where: string;
  open(): Awaitable<Client>;
  close(client: Client): unknown;
  /** Explains an error of the database. */
  problemOf(error: unknown, doing: string): { message: string };
}

/** A value at once or later. */
type Awaitable<Value> = Value | Promise<Value>;

/** An index that a table lacks. */
export interface MissingIndex {
  /** Its name, or its column and table. */
  name: string;
  /** Makes it. */
  make(): unknown;
}

/** The tables of an output in a database, over connections of its product. */
export abstract class TableDatabase<
  Client,
  Name,
  Options extends Readonly<Record<TableOption, string>>,
> implements Database {
  abstract readonly schema: string;
  protected abstract readonly names: Readonly<Record<TableKind, Name>>;

  /**
   * Checks the tables' names; connects to nothing.
   *
   * @param check Throws for a name that is none.
   * @throws {DatabaseOptionError} If one is none.
   */
  constructor(protected readonly options: Options, check: (name: string) => unknown) {
    for (const { option } of RECORD_TABLES) databaseOption(option, () => check(options[option]));
  }

  abstract needs(access: "read" | "write"): Need[];
  abstract init(print: (line: string) => void): Promise<void>;
  abstract index(print: (line: string) => void): Promise<void>;
  abstract status(timeoutMs: number): Promise<TableStatus[]>;

  /** Reads records of a table, the newest first, and changes nothing. */
  protected abstract readonly readRecords: (
    client: Client,
    record: RecordTable,
    name: Name,
    condition: string | undefined,
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
    where: string,
  ) => Promise<void>;

  /** Reads the flows that fulfil each condition, in the order of time, and changes nothing. */
  protected abstract readonly readFlows: (
    client: Client,
    name: Name,
    conditions: readonly string[],
    timeoutMs: number,
    take: (flow: StructuredFlow) => void,
    where: string,
  ) => Awaitable<void>;

  /** Returns the dialect of conditions about a kind of record. */
  protected abstract dialectOf(kind: TableKind): SqlDialect;

  /**
   * Returns how to connect.
   *
   * @param record A table that is read.
   */
  protected abstract connections(record: RecordTable): Connections<Client>;

  /** Returns a table's state, and its way to the newest version. */
  protected abstract migration(
    client: Client,
    record: RecordTable,
    name: Name,
  ): Awaitable<Migration>;

  condition(expression: string, kind: TableKind): string {
    return conditionFor(kind, expression, this.dialectOf(kind));
  }

  async query(
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where, kind } = question;
    const record = recordTableOf(kind);
    const condition = where === undefined ? undefined : this.condition(where, kind);
    await this.connected(
      `read ${record.name}`,
      (client, place) =>
        this.readRecords(client, record, this.names[kind], condition, question, take, place),
      this.connections(record),
    );
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    const { timeoutMs } = question;
    return answerNat(question, this.dialectOf("flow"), (conditions, take) =>
      this.connected(
        "read flows",
        (client, where) =>
          this.readFlows(client, this.names.flow, conditions, timeoutMs, take, where),
        this.connections(FLOWS),
      ));
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    await this.connected("make changes", async (client, where) => {
      for (const [record, name] of this.tables) {
        const migration = await this.migration(client, record, name);
        const { table, version } = migration;
        if (version === 0 && record === PACKETS) throw missing(where, table);
        await migrateTable(where, migration, print, isTrial);
      }
    });
  }

  /** All tables with their names. */
  protected get tables(): [RecordTable, Name][] {
    return RECORD_TABLES.map((record) => [record, this.names[record.kind]]);
  }

  /** Connects, and puts what the database refuses into words. */
  protected async connected<Result>(
    doing: string,
    act: (client: Client, where: string) => Awaitable<Result>,
    connections: Connections<Client> = this.connections(PACKETS),
  ): Promise<Result> {
    const { where } = connections;
    let client: Client | undefined;
    try {
      client = await connections.open();
      return await act(client, where);
    } catch (error) {
      const { message } = connections.problemOf(error, doing);
      throw new OutputError(where, message, { cause: error });
    } finally {
      if (client !== undefined) await connections.close(client);
    }
  }

  /**
   * Looks at all tables.
   *
   * @param look Returns undefined for a table that is missing.
   * @throws {OutputError} If it is that of packets.
   */
  protected async lookedAt<Found>(
    where: string,
    look: (record: RecordTable, name: Name) => Awaitable<Found | undefined>,
  ): Promise<Found[]> {
    const found: Found[] = [];
    for (const [record, name] of this.tables) {
      const table = await look(record, name);
      if (table !== undefined) found.push(table);
      else if (record === PACKETS) throw missing(where, this.options.table);
    }
    return found;
  }

  /**
   * Makes the indexes for a search by address.
   *
   * @param lacking Returns those that a table lacks; undefined for a table that is missing.
   */
  protected async makeIndexes(
    where: string,
    print: (line: string) => void,
    lacking: (record: RecordTable, table: Name) => Awaitable<MissingIndex[] | undefined>,
  ): Promise<void> {
    for (const [record, table] of this.tables) {
      if (record.searched.length === 0) continue;
      const indexes = await lacking(record, table);
      for (const { name, make } of indexes ?? []) {
        print(`${where}: index ${name}`);
        await make();
      }
      if (indexes?.length === 0) {
        const name = this.options[record.option];
        print(`${where}: table ${name}: both addresses have their indexes`);
      }
    }
  }
}
