import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection.ts";
import { migrate, type Sql } from "../../src/output/postgres/migrate.ts";
import {
  dropExpired,
  ensurePartitions,
  partitionOf,
} from "../../src/output/postgres/partitions.ts";
import {
  copyStatement,
  schemaScript,
  statements,
  VERSION,
} from "../../src/output/postgres/schema.ts";
import { parseTable, quoted } from "../../src/output/postgres/table.ts";
import { Cluster, noCluster } from "./cluster.ts";

const missing = await noCluster();
const TABLE = parseTable("packets");
/** 2024-02-29 */
const DAY = 19_782;
const DAY_MS = 86_400_000;

/** A database of its own for each test, on one cluster. */
class Database implements AsyncDisposable {
  readonly #opened: Sql[] = [];
  readonly cluster: Cluster;
  readonly name: string;

  constructor(cluster: Cluster, name: string) {
    this.cluster = cluster;
    this.name = name;
  }

  /** Connects as a role. */
  as(role?: string): Sql {
    const sql = client(connectionOf(this.cluster.url(this.name, role), () => undefined));
    this.#opened.push(sql);
    return sql;
  }

  /** What psql prints. */
  psql(statement: string): Promise<string> {
    return this.cluster.sql(statement, this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((sql) => sql.end()));
    await this.cluster.sql(`DROP DATABASE ${this.name}`);
  }
}

let count = 0;

function test(name: string, body: (database: Database) => Promise<void>): void {
  tests.push({ name, body });
}
const tests: { name: string; body: (database: Database) => Promise<void> }[] = [];

test("A table is made whole, and a second time nothing is done", async (database) => {
  const sql = database.as();
  assertEquals(await migrate(sql, TABLE, { create: true }), "made");
  assertEquals(await migrate(sql, TABLE, { create: true }), "current");
  assertEquals(await migrate(sql, TABLE, { create: false }), "current");
  assertEquals(
    await database.psql(
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace " +
        "AND relkind IN ('r', 'p', 'v') ORDER BY 1",
    ),
    "nfscribe_spools\nnfscribe_tables\npackets\npackets_default\npackets_per_minute\n" +
      "top_ports\ntop_sources\nulog",
  );
  assertEquals(await database.psql("TABLE nfscribe_tables"), `packets|${VERSION}`);
});

test("Every column says what it holds", async (database) => {
  await migrate(database.as(), TABLE, { create: true });
  const comments = "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute " +
    "WHERE attrelid = 'packets'::regclass AND attnum > 0 ORDER BY attnum";
  const lines = (await database.psql(comments)).split("\n");
  assertEquals(lines.length, 28);
  for (const line of lines) assertMatch(line, /^\w+\|[A-Z].{9,}$/);
  assertMatch(lines.join("\n"), /^prefix\|.*written as \\xe9$/m);
});

test("`nfscribe db schema` makes the same as `nfscribe db init`", async (database) => {
  const shape = (schema: string) =>
    `SELECT c.relname, a.attname, format_type(atttypid, atttypmod), attnotnull, col_description(c.oid, attnum)
    FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
    WHERE relnamespace = '${schema}'::regnamespace AND attnum > 0 ORDER BY c.relname, attnum`;
  await database.psql(schemaScript(parseTable("a.packets")));
  const sql = database.as();
  await migrate(sql, parseTable("b.packets"), { create: true });
  assertEquals(await migrate(sql, parseTable("a.packets"), { create: false }), "current");
  const made = await database.psql(shape("b"));
  assertMatch(made, /packets\|time\|timestamp with time zone\|t/);
  assertEquals(await database.psql(shape("a")), made);
});

test("Several tables share the bookkeeping of a schema", async (database) => {
  const sql = database.as();
  const log = parseTable("Log");
  assertEquals(await migrate(sql, TABLE, { create: true }), "made");
  assertEquals(await migrate(sql, log, { create: true }), "made");
  assertEquals(
    await database.psql("SELECT name FROM nfscribe_tables ORDER BY 1"),
    "Log\npackets",
  );
  assertEquals(await database.psql('SELECT count(*) FROM "Log_top_sources"'), "0");
});

test("Two nfscribes may make the same table at the same moment", async (database) => {
  const connections = Array.from({ length: 4 }, () => database.as());
  const done = await Promise.all(
    connections.map((sql) => migrate(sql, TABLE, { create: true })),
  );
  assertEquals(done.every((what) => what === "made" || what === "current"), true);
  const days = [DAY, DAY + 1, DAY + 2];
  await Promise.all(connections.map((sql) => ensurePartitions(sql, TABLE, days)));
  assertEquals(await partitions(database), [
    "packets_20240229",
    "packets_20240301",
    "packets_20240302",
    "packets_default",
  ]);
});

test("A table of version 1 is brought up to date, with its rows", async (database) => {
  const sql = database.as();
  await sql.unsafe(statements(TABLE, 0, 1).join(";"));
  await insert(database, "'2024-02-29 12:00Z'");
  const error = await refusal(() => migrate(sql, TABLE, { create: false }));
  assertEquals(
    error,
    `Cannot use table packets: it is of version 1, this nfscribe needs ${VERSION}; ` +
      "bring it up to date with nfscribe db init, or set create = true",
  );
  assertEquals(await migrate(sql, TABLE, { create: true }), "updated");
  assertEquals(await database.psql("SELECT packets FROM packets_per_minute"), "1");
});

test("A newer table is refused", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await database.psql("UPDATE nfscribe_tables SET version = 99");
  assertEquals(
    await refusal(() => migrate(sql, TABLE, { create: true })),
    `Cannot use table packets: it was made by a newer nfscribe (its version is 99, this nfscribe ` +
      `knows ${VERSION}); start that one, or choose another table`,
  );
});

test("A table of somebody else is refused and left alone", async (database) => {
  const sql = database.as();
  const why = "Cannot use table packets: something of that name is there, and nfscribe did not " +
    'make it; give it another name, or choose another one, as in table = "nfscribe.packets"';
  await database.psql("CREATE TABLE packets (time timestamptz)");
  assertEquals(await refusal(() => migrate(sql, TABLE, { create: true })), why);
  await migrate(sql, parseTable("other"), { create: true });
  assertEquals(await refusal(() => migrate(sql, TABLE, { create: true })), why);
  await database.psql("DROP TABLE packets");
  assertEquals(await migrate(sql, TABLE, { create: true }), "made");
});

test("Where ulogd's view is, nothing is made", async (database) => {
  const sql = database.as();
  await database.psql("CREATE VIEW ulog AS SELECT 1 AS _id");
  assertEquals(
    await refusal(() => migrate(sql, TABLE, { create: true })),
    'Cannot use table packets: relation "ulog" already exists; use a schema of its own, as in ' +
      'table = "nfscribe.packets"',
  );
  assertEquals(await database.psql("SELECT to_regclass('packets') IS NULL"), "t");
  assertEquals(await migrate(sql, parseTable("nfscribe.packets"), { create: true }), "made");
});

test("A missing table is named, and what to do", async (database) => {
  const sql = database.as();
  assertEquals(
    await refusal(() => migrate(sql, TABLE, { create: false })),
    "Cannot use table packets: it is not there; make it with nfscribe db init, or set create = true",
  );
  assertMatch(await refusal(() => ensurePartitions(sql, TABLE, [DAY])), /run nfscribe db init$/);
});

test("Without the right to make it, the message says what to do", async (database) => {
  const sql = database.as("stranger");
  const advice = 'run nfscribe db init as a role that may: see "Rights" in docs/postgres.md';
  assertEquals(
    await refusal(() => migrate(sql, TABLE, { create: true })),
    `Cannot use table packets: permission denied for schema public; ${advice}`,
  );
  assertEquals(
    await refusal(() => migrate(sql, parseTable("own.packets"), { create: true })),
    `Cannot use table own.packets: permission denied for database ${database.name}; ${advice}`,
  );
  await migrate(database.as(), TABLE, { create: true });
  assertMatch(
    await refusal(() => migrate(sql, TABLE, { create: false })),
    /permission denied for table nfscribe_tables; grant it to the role that writes: see "Rights"/,
  );
});

test("Where the search path leads nowhere, the message says what to do", async (database) => {
  await database.psql(`ALTER DATABASE ${database.name} SET search_path = nowhere`);
  assertEquals(
    await refusal(() => migrate(database.as(), TABLE, { create: true })),
    'Cannot use table packets: no schema of the search path is there; name one, as in table = "nfscribe.packets"',
  );
});

test("A packet goes to the partition of its UTC day, and one far off to the default", async (database) => {
  await database.psql(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Kolkata'`);
  await database.psql(`ALTER DATABASE ${database.name} SET datestyle = 'SQL, DMY'`);
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await ensurePartitions(sql, TABLE, [DAY, DAY, -1, 3_000_000, NaN]);
  await ensurePartitions(sql, TABLE, [DAY]);
  await insert(
    database,
    "'2024-02-29 00:00Z'",
    "'2024-02-29 23:59:59.999999Z'",
    "'2024-03-01 00:00Z'",
    "'1970-01-01 00:00Z'",
    "'infinity'",
  );
  assertEquals(await rowsByPartition(database), "packets_20240229|2\npackets_default|3");
  assertEquals(await partitions(database), ["packets_20240229", "packets_default"]);
});

test("Rows that waited in the default partition are moved to their day's", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await insert(database, "'2024-02-28 23:59Z'", "'2024-02-29 01:00Z'", "'2024-03-01 00:00Z'");
  await ensurePartitions(sql, TABLE, [DAY]);
  assertEquals(await rowsByPartition(database), "packets_20240229|1\npackets_default|2");
  assertEquals(
    await database.psql(
      "SELECT indexdef ~ 'brin' FROM pg_indexes WHERE tablename = 'packets_20240229'",
    ),
    "t",
  );
});

test("Rows keep arriving while partitions are made under them", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  const writer = database.as();
  const write = async () => {
    for (let round = 0; round < 30; round++) {
      await writer.unsafe(
        "INSERT INTO packets (time) SELECT '2024-02-29'::timestamptz + make_interval(hours => i) " +
          "FROM generate_series(0, 239) i",
      );
    }
  };
  const make = async () => {
    for (let day = DAY; day < DAY + 10; day++) await ensurePartitions(sql, TABLE, [day]);
  };
  await Promise.all([write(), make()]);
  assertEquals(await database.psql("SELECT count(*) FROM packets"), "7200");
  assertEquals((await partitions(database)).length, 11);
});

test("A day within somebody else's partition needs none", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await database.psql(
    "CREATE TABLE february PARTITION OF packets FOR VALUES FROM (MINVALUE) TO ('2024-02-29 12:00Z')",
  );
  await ensurePartitions(sql, TABLE, [DAY - 1, DAY, DAY + 1]);
  assertEquals(await partitions(database), ["february", "packets_20240301", "packets_default"]);
});

test("A table in a partition's way is named", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await database.psql("CREATE TABLE packets_20240229 (note text)");
  assertEquals(
    await refusal(() => ensurePartitions(sql, TABLE, [DAY])),
    "Cannot make partition public.packets_20240229: there is something of that name that is no " +
      "partition of public.packets; give it another name, or attach it",
  );
});

test("A table without a default partition gets partitions, too", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await database.psql("DROP TABLE packets_default");
  await ensurePartitions(sql, TABLE, [DAY]);
  assertEquals(await partitions(database), ["packets_20240229"]);
});

test("Days past the retention are dropped, those of others and detached ones never", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await ensurePartitions(sql, TABLE, [DAY - 5, DAY - 4, DAY - 3, DAY - 2, DAY - 1, DAY]);
  await database.psql(`
    CREATE TABLE packets_20240220 PARTITION OF packets
      FOR VALUES FROM ('2024-02-20 00:00Z') TO ('2024-02-21 00:00Z');
    ALTER TABLE packets DETACH PARTITION packets_20240224`);
  await insert(database, "'1970-01-01Z'", "'2024-02-26 12:00Z'", "'2030-01-01Z'", "'2024-02-22Z'");
  const now = DAY * DAY_MS + DAY_MS / 2;
  assertEquals(await dropExpired(sql, TABLE, 2, now), ["packets_20240225", "packets_20240226"]);
  assertEquals(await dropExpired(sql, TABLE, 2, now), []);
  assertEquals(await partitions(database), [
    "packets_20240220",
    "packets_20240227",
    "packets_20240228",
    "packets_20240229",
    "packets_default",
  ]);
  assertEquals(
    await database.psql("SELECT time AT TIME ZONE 'UTC' FROM packets"),
    "2030-01-01 00:00:00",
  );
  assertEquals(await database.psql("SELECT count(*) FROM packets_20240224"), "0");
});

test("A reader holds up a drop for five seconds, not for good", async (database) => {
  const sql = database.as();
  await migrate(sql, TABLE, { create: true });
  await ensurePartitions(sql, TABLE, [DAY]);
  const reader = database.as();
  await reader.begin(async (transaction) => {
    await transaction`SELECT count(*) FROM packets`;
    assertEquals(await sqlState(() => dropExpired(sql, TABLE, 1, (DAY + 9) * DAY_MS)), "55P03");
  });
  assertEquals(await dropExpired(sql, TABLE, 1, (DAY + 9) * DAY_MS), ["packets_20240229"]);
});

test("A role that may only write writes, and may not make or drop partitions", async (database) => {
  const owner = database.as();
  await migrate(owner, TABLE, { create: true });
  await ensurePartitions(owner, TABLE, [DAY]);
  await database.psql(`
    GRANT INSERT ON packets TO writer;
    GRANT SELECT ON nfscribe_tables TO writer;
    GRANT SELECT, INSERT, UPDATE ON nfscribe_spools TO writer`);
  const writer = database.as("writer");
  assertEquals(await migrate(writer, TABLE, { create: false }), "current");
  await writer.begin(async (transaction) => {
    const stream = await transaction.unsafe(copyStatement(TABLE)).writable();
    stream.write(Uint8Array.from([
      ...new TextEncoder().encode("PGCOPY\n"),
      0xff,
      0x0d,
      0x0a,
      0,
      ...new Uint8Array(8),
    ]));
    stream.write(binaryRow());
    stream.end(Uint8Array.from([0xff, 0xff]));
    await new Promise((resolve, reject) => stream.once("finish", resolve).once("error", reject));
    for (const position of [1, 2]) {
      await transaction`
        INSERT INTO nfscribe_spools (spool, table_name, position, rows)
        VALUES ('00000000-0000-4000-8000-000000000000', 'packets', ${position}, 1)
        ON CONFLICT (spool, table_name) DO UPDATE SET position = excluded.position`;
    }
  });
  assertEquals(await rowsByPartition(database), "packets_20240229|1");
  assertEquals(await database.psql("SELECT position FROM nfscribe_spools"), "2");
  await ensurePartitions(writer, TABLE, [DAY]);
  assertEquals(await sqlState(() => ensurePartitions(writer, TABLE, [DAY + 1])), "42501");
  assertEquals(await sqlState(() => dropExpired(writer, TABLE, 1, (DAY + 9) * DAY_MS)), "42501");
  assertEquals(await sqlState(async () => await writer`SELECT FROM packets`), "42501");
});

test("An owner without any other right does everything", async (database) => {
  await database.psql("CREATE SCHEMA firewall AUTHORIZATION owner");
  const sql = database.as("owner");
  const table = parseTable("firewall.packets");
  assertEquals(await migrate(sql, table, { create: true }), "made");
  await database.psql("INSERT INTO firewall.packets (time) VALUES ('2024-02-29 12:00Z')");
  await ensurePartitions(sql, table, [DAY]);
  assertEquals(await database.psql(`SELECT count(*) FROM ${quoted(partitionOf(table, DAY))}`), "1");
  assertEquals(await dropExpired(sql, table, 1, (DAY + 9) * DAY_MS), ["packets_20240229"]);
});

/** A row that has a time only. */
function binaryRow(): Uint8Array {
  const row = new Uint8Array(2 + 12 + 27 * 4).fill(0xff);
  const view = new DataView(row.buffer);
  view.setInt16(0, 28);
  view.setInt32(2, 8);
  view.setBigInt64(6, BigInt(DAY * DAY_MS - Date.UTC(2000, 0, 1)) * 1000n);
  return row;
}

async function insert(database: Database, ...times: string[]): Promise<void> {
  const values = times.map((time) => `(${time})`).join(", ");
  await database.psql(`INSERT INTO packets (time) VALUES ${values}`);
}

function rowsByPartition(database: Database): Promise<string> {
  return database.psql(
    "SELECT tableoid::regclass::text, count(*) FROM packets GROUP BY 1 ORDER BY 1",
  );
}

async function partitions(database: Database): Promise<string[]> {
  const query = "SELECT inhrelid::regclass::text FROM pg_inherits " +
    "WHERE inhparent = 'packets'::regclass ORDER BY 1";
  return (await database.psql(query)).split("\n");
}

/** What the server refuses something with. */
async function sqlState(doing: () => Promise<unknown>): Promise<unknown> {
  return (await assertRejects(doing, Error) as Error & { code?: unknown }).code;
}

async function refusal(doing: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(doing, OutputError)).message;
}

Deno.test({
  name: `The table on a real server${missing === undefined ? "" : `: ${missing}`}`,
  ignore: missing !== undefined,
  async fn(context) {
    await using cluster = await Cluster.start();
    await cluster.sql(
      "CREATE ROLE owner LOGIN; CREATE ROLE writer LOGIN; CREATE ROLE stranger LOGIN",
    );
    for (const { name, body } of tests) {
      await context.step(name, async () => {
        const own = `test_${++count}`;
        await cluster.sql(`CREATE DATABASE ${own}`);
        await using database = new Database(cluster, own);
        await body(database);
      });
    }
  },
});
