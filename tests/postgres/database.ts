/**
 * Databases of a throw-away cluster, one for each test.
 *
 * @module
 */

import { assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection_string.ts";
import type { Sql } from "../../src/output/postgres/migrate.ts";
import { parseTable, type Table } from "../../src/output/postgres/table.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";

/** The table of the tests. */
export const TABLE: Table = parseTable("packets");
/** 2024-02-29, in days since the Unix epoch. */
export const DAY = 19_782;
/** Milliseconds per day. */
export const DAY_MS = 86_400_000;

/** A database, and connections to it. */
export class Database implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly name: string;
  readonly #opened: Sql[] = [];

  constructor(cluster: Cluster, name: string) {
    this.cluster = cluster;
    this.name = name;
  }

  /** Connects as a role: besides the superuser there are `owner`, `writer` and `stranger`. */
  as(role?: string): Sql {
    const sql = client(connectionOf(this.cluster.url(this.name, role), () => undefined));
    this.#opened.push(sql);
    return sql;
  }

  /** Runs SQL as the superuser; returns the output of psql. */
  psql(statement: string): Promise<string> {
    return this.cluster.sql(statement, this.name);
  }

  /** Inserts rows with only a time, each an SQL literal. */
  async insert(...times: string[]): Promise<void> {
    const values = times.map((time) => `('${time}')`).join(", ");
    await this.psql(`INSERT INTO packets (time) VALUES ${values}`);
  }

  /** Returns the names of the table's partitions. */
  async partitions(): Promise<string[]> {
    const query = "SELECT inhrelid::regclass::text FROM pg_inherits " +
      "WHERE inhparent = 'packets'::regclass ORDER BY 1";
    return (await this.psql(query)).split("\n");
  }

  /** Returns the number of rows of each partition that has some. */
  rowsByPartition(): Promise<string> {
    return this.psql(
      "SELECT tableoid::regclass::text, count(*) FROM packets GROUP BY 1 ORDER BY 1",
    );
  }

  /** Closes every connection and drops the database. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((sql) => sql.end()));
    await this.cluster.sql(`DROP DATABASE ${this.name}`);
  }
}

/**
 * Defines tests on one server, each with a database of its own.
 *
 * @param title Their subject.
 * @param tests The tests by name.
 */
export async function testOnServer(
  title: string,
  tests: Readonly<Record<string, (database: Database) => Promise<void>>>,
): Promise<void> {
  const missing = await noCluster();
  testUnless(missing, title, async (context) => {
    await using cluster = await Cluster.start();
    for (const role of ["owner", "writer", "stranger"]) {
      await cluster.sql(`CREATE ROLE ${role} LOGIN`);
    }
    for (const [index, [name, body]] of Object.entries(tests).entries()) {
      await context.step(name, async () => {
        await cluster.sql(`CREATE DATABASE test_${index}`);
        await using database = new Database(cluster, `test_${index}`);
        await body(database);
      });
    }
  });
}

/** Returns the message with which nfscribe refuses something. */
export async function refusal(doing: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(doing, OutputError)).message;
}

/** Returns the SQLSTATE with which the server refuses something. */
export async function sqlState(doing: () => Promise<unknown>): Promise<unknown> {
  return (await assertRejects(doing, Error) as Error & { code?: unknown }).code;
}
