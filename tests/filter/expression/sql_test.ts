import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { ExpressionError } from "../../../src/filter/expression/error.ts";
import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { sqlCondition } from "../../../src/filter/expression/sql/compile.ts";
import {
  CLICKHOUSE,
  MYSQL,
  POSTGRES,
  type SqlDialect,
  SQLITE,
} from "../../../src/filter/expression/sql/dialect.ts";
import { cornerFrames } from "../../peers/corner_packets.ts";
import { randomFrames } from "../../peers/random_packets.ts";
import { decodeFrames } from "./decode_frames.ts";
import { FLOW_COLUMNS, flowQuestions, storedFlows } from "./stored_flows.ts";
import {
  type Question,
  questions,
  type Stored,
  STORED_COLUMNS,
  storedPackets,
} from "./stored_packets.ts";

/** Types of columns in SQLite. */
const SQLITE_TYPES = {
  bigint: "INTEGER",
  integer: "INTEGER",
  smallint: "INTEGER",
  text: "TEXT",
  inet: "BLOB",
  macaddr: "BLOB",
  "double precision": "REAL",
  jsonb: "TEXT",
} as const;

/** Returns the condition of an expression. */
function sql(text: string, dialect: SqlDialect): string {
  return sqlCondition(text, packetExpression(text), dialect);
}

/** Returns a database with these rows in a table. */
function tableOf(
  table: string,
  types: Readonly<Record<string, keyof typeof SQLITE_TYPES>>,
  rows: readonly Readonly<Record<string, Stored>>[],
): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  const names = Object.keys(types);
  const columns = names.map((name) => `${name} ${SQLITE_TYPES[types[name]!]}`);
  database.exec(`CREATE TABLE ${table} (${columns.join(", ")}) STRICT`);
  const insert = database.prepare(
    `INSERT INTO ${table} VALUES (${names.map(() => "?").join(", ")})`,
  );
  database.exec("BEGIN");
  for (const row of rows) insert.run(...names.map((name) => row[name]!));
  database.exec("COMMIT");
  return database;
}

/** Asks a table all questions; returns those that chose something. */
function askAll(
  database: DatabaseSync,
  table: string,
  questions: readonly Question[],
  rows: readonly Readonly<Record<string, Stored>>[],
): Question[] {
  for (const { text, sql, chosen } of questions) {
    const found = database.prepare(`SELECT seq FROM ${table} WHERE ${sql} ORDER BY seq`).all()
      .map(({ seq }) => Number(seq));
    if (found.join() === chosen.join()) continue;
    const other = rows.find(({ seq }) =>
      found.includes(Number(seq)) !== chosen.includes(Number(seq))
    );
    throw new Error(
      `${text}: ${found.length} rows, ${chosen.length} records\n${sql}\n${JSON.stringify(other)}`,
    );
  }
  return questions.filter(({ chosen }) => chosen.length > 0);
}

Deno.test("SQLite chooses the rows of the packets that the predicate chooses", () => {
  const packets = storedPackets(decodeFrames([...cornerFrames(), ...randomFrames(12, 1500)]));
  assertGreater(packets.length, 2000);
  const rows = packets.map(({ row }) => row);
  using database = tableOf("packets", STORED_COLUMNS, rows);
  const asked = questions(SQLITE, packets, 2026);
  assertGreater(asked.length, 250);
  assertGreater(askAll(database, "packets", asked, rows).length, 200);
});

Deno.test("SQLite chooses the rows of the flows that the predicate chooses", () => {
  const flows = storedFlows(5, 3000);
  const rows = flows.map(({ row }) => row);
  using database = tableOf("flows", FLOW_COLUMNS, rows);
  const asked = flowQuestions(SQLITE, flows);
  const chosen = askAll(database, "flows", asked, rows).map(({ text }) => text);
  const none = asked.map(({ text }) => text).filter((text) => !chosen.includes(text));
  assertEquals(none, ["mark 0xffffffff", "label 127", "packet"].filter((t) => none.includes(t)));
});

Deno.test("SQLite takes as many conditions as an expression has", () => {
  const database = tableOf("packets", STORED_COLUMNS, []);
  const hosts = Array.from({ length: 3000 }, (_, i) => `host 10.0.${i >> 8}.${i & 255}`);
  for (const text of [hosts.join(" or "), hosts.join(" and "), `not (${hosts.join(" or ")})`]) {
    const condition = sql(text, SQLITE);
    assertEquals(condition.match(/source_address = /g)?.length, 3000);
    const rows = database.prepare(`SELECT count(*) AS n FROM packets WHERE ${condition}`).all();
    assertEquals(rows[0]?.n, 0);
  }
  database.close();
});

Deno.test("conditions are what a person would write", () => {
  assertEquals(
    sql("tcp port 22", POSTGRES),
    "(protocol = 6 AND (source_port = 22 OR destination_port = 22))",
  );
  assertEquals(
    sql("src net 10.0.0.0/8 and not dst port 53", POSTGRES),
    "((family(source_address) = 4 AND source_address BETWEEN inet '10.0.0.0' AND " +
      "inet '10.255.255.255') AND ((protocol IN (6, 17, 132) AND destination_port = 53)) IS NOT TRUE)",
  );
  assertEquals(sql("host ::1", SQLITE).includes("x'00000000000000000000000000000001'"), true);
  assertEquals(sql('prefix "o\'k"', POSTGRES), "prefix = 'o''k'");
  assertEquals(sql("prefix a\\\\b", POSTGRES), "prefix = E'a\\\\b'");
  assertEquals(sql("prefix x*", SQLITE), "prefix GLOB 'x*'");
  assertEquals(sql("prefix ok", MYSQL), "CAST(prefix AS BINARY) = x'6f6b'");
  assertEquals(sql("uid 1000", MYSQL), "uid = 1000");
  assertEquals(sql('prefix "o\'k\\\\"', CLICKHOUSE), "prefix = 'o\\'k\\\\'");
  assertEquals(
    sql("src host 10.0.0.1", CLICKHOUSE),
    "(source_address = toFixedString(unhex('00000000000000000000ffff0a000001'), 16) AND " +
      "ifNull(ethertype, 0) <> 34525)",
  );
  assertEquals(sql("not mark 1/3", CLICKHOUSE), "NOT ifNull(bitAnd(COALESCE(mark, 0), 3) = 1, 0)");
});

Deno.test("text of an expression never leaves its quotes", () => {
  for (const text of ["'; DROP TABLE packets; --", "\\'", "\\\\' OR 1=1", "%_|*?[", "\u{1f600}"]) {
    const quoted = `prefix "${text.replaceAll("\\", "\\\\")}"`;
    using database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE packets (prefix TEXT)");
    database.prepare("INSERT INTO packets VALUES (?)").run(text);
    for (const expression of [quoted, quoted.replace(/"$/, '*"')]) {
      const [row] = database.prepare(
        `SELECT count(*) AS n FROM packets WHERE ${sql(expression, SQLITE)}`,
      ).all();
      assertEquals(row!.n, 1, expression);
    }
  }
});

Deno.test("an error points at what a table has no column for", () => {
  const cases: readonly [text: string, word: string][] = [
    ["tcp and vlan 5", "vlan 5"],
    ["ip[6:2] & 0x1fff = 0", "ip[6:2] & 0x1fff = 0"],
    ["physin eth0 or tcp", "physin eth0"],
    ["group 1", "group 1"],
    ["ip6 proto 44", "ip6 proto 44"],
    ["not isis", "isis"],
    ["action drop", "action drop"],
    ["family bridge", "family bridge"],
    ["hook ingress", "hook ingress"],
    ["ifindex 2", "ifindex 2"],
    ["net 10.0.0.1 mask 255.0.0.255", "net 10.0.0.1 mask 255.0.0.255"],
    ["len ^ 5 = 1", "len ^ 5 = 1"],
  ];
  for (const [text, word] of cases) {
    const error = assertThrows(() => sql(text, POSTGRES), ExpressionError, undefined, text);
    assertEquals(text.slice(error.offset, error.offset + error.length), word);
    assertStringIncludes(error.message, "a table of packets has no column for");
    assert(!error.message.includes("\n"));
  }
});
