import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../src/errors.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import { MysqlDatabase } from "../../src/output/mysql/database.ts";
import { PostgresDatabase } from "../../src/output/postgres/database.ts";
import type { PostgresOptions } from "../../src/output/postgres/options.ts";
import type { MysqlOptions } from "../../src/output/mysql/options.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import { migrate as migrateSqlite } from "../../src/output/sqlite/open.ts";
import { Expiry } from "../../src/output/sqlite/retention.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import { FLOW_COLUMNS } from "../../src/output/table/flow_columns.ts";
import { FLOWS } from "../../src/output/table/flows.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import type { NatQuestion } from "../../src/output/table/nat_question.ts";
import { fieldsOf, rowOf } from "../../src/output/table/parse_row.ts";
import type { Writer } from "../../src/output/output.ts";
import { concat } from "../packet/sample.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { openWriter } from "../postgres/sending.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { ask, checkAnswers, HELD, holders, NAT_START, TABLES, write } from "./flow_answers.ts";
import { flowRows, translated } from "./flow_rows.ts";
import { MariaServer, noServer, USER } from "./maria_server.ts";
import { spoolTo } from "./mysql.ts";
import { recorder, row, rows } from "./rows.ts";
import { place } from "./sqlite.ts";

const missing = noServer() ?? await noCluster();
/** Writes many flows, as many slots would. */
async function writeAll(writer: Writer, flows: readonly RawFlow[]): Promise<void> {
  for (let at = 0; at < flows.length; at += 1000) {
    const some = flows.slice(at, at + 1000);
    await writer.write(flowRows(some), some.length);
  }
}

Deno.test("flows and packets of one output go into a table each of SQLite", async () => {
  await using there = await place();
  {
    await using writer = await there.open();
    await write(writer);
  }
  await checkAnswers(
    "sqlite",
    new SqliteDatabase({ path: there.path, ...TABLES } as SqliteOptions),
  );
  assertEquals(there.query("SELECT count(*), max(mark) FROM packets"), [[200, 199]]);
  // One position for both, as one spool holds them.
  assertEquals(there.query("SELECT table_name, rows FROM nfscribe_spools")[0]![0], "packets");
  const [name, address, internal] = there.query(
    "SELECT event, external_address, internal_address FROM nat_log WHERE external_port = 40002",
  )[0]!;
  assertEquals([name, address, internal], ["destroy", "198.51.100.7", "10.0.0.4"]);
  const ulog = there.query(
    "SELECT orig_ip_saddr_str, orig_l4_sport, reply_l4_dport, orig_raw_pktcount, ct_event, " +
      "flow_start_sec, flow_start_usec, flow_end_sec, flow_end_usec FROM ulog2_ct WHERE _ct_id = 4",
  );
  const times = [NAT_START - 1, 500_000, NAT_START + 90, 250];
  assertEquals(ulog, [["10.0.0.4", 5004, 40_002, 2, 4, ...times]]);
  assertEquals(
    there.query("SELECT duration, status, row_id > 0 FROM flows_text WHERE id = 4"),
    [[90.50025, 0x19e, 1]],
  );
});

testUnless(
  missing,
  "flows of PostgreSQL, MySQL and SQLite are the same, and the same holders of an address " +
    "are found",
  async () => {
    await using cluster = await Cluster.start();
    await using server = await MariaServer.start();
    await using folder = await temporaryFolder();
    const { log } = recorder();
    const url = cluster.url();
    {
      await using writer = await openWriter(url, `${folder.path}/spool`, log);
      await write(writer);
    }
    const postgres = new PostgresDatabase({ url, ...TABLES } as PostgresOptions);
    await checkAnswers("postgres", postgres);
    assertEquals(await cluster.sql("SELECT count(*), max(mark) FROM packets"), "200|199");
    // The days of flows have partitions of their own, and these the indexes.
    assertEquals(
      await cluster.sql(
        "SELECT count(*) > 1 FROM pg_indexes WHERE tablename LIKE 'flows_2%' AND " +
          "indexdef LIKE '%(reply_destination, reply_destination_port)%'",
      ),
      "t",
    );
    assertEquals(
      await cluster.sql(
        "SELECT event, external_address, internal_address, start_time IS NOT NULL FROM nat_log " +
          "WHERE external_port = 40002",
      ),
      "destroy|198.51.100.7|10.0.0.4|t",
    );
    const columns = "_ct_id, orig_ip_saddr_str, ct_event, flow_start_sec, flow_end_usec";
    const ulog = `SELECT ${columns} FROM ulog2_ct WHERE _ct_id = 4`;
    assertEquals(await cluster.sql(ulog), `4|10.0.0.4|4|${NAT_START - 1}|250`);
    await server.sql(`CREATE DATABASE slow; GRANT ALL ON slow.* TO ${USER}@'%'`);
    for (const [name, loads] of [["nfscribe", 1], ["slow", 0]] as const) {
      await server.sql(`SET GLOBAL local_infile = ${loads}`);
      await using there = await spoolTo(server, name);
      {
        await using writer = await there.open();
        await write(writer);
      }
      const options = { url: server.url(name), ...TABLES } as MysqlOptions;
      await checkAnswers(`mysql ${name}`, new MysqlDatabase(options));
      assertEquals(await there.query(ulog), `4\t10.0.0.4\t4\t${NAT_START - 1}\t250`);
    }
  },
);

Deno.test("a database of packets gets its table of flows with the first flow", async () => {
  await using there = await place();
  using database = there.database();
  migrateSqlite(database, PACKETS, there.path, "packets");
  const hasFlows = () =>
    there.query("SELECT 1 FROM sqlite_schema WHERE name = 'flows'").length === 1;
  await using writer = await there.open();
  await writer.write(row(1), 1);
  await until("the packet is there", () => writer.delivery.written === 1);
  assertEquals(hasFlows(), false);
  await writer.write(flowRows(HELD), HELD.length);
  await until("the flows are there", () => writer.delivery.written === 1 + HELD.length);
  assertEquals(hasFlows(), true);
});

Deno.test("a table of another program keeps flows in the spool, and packets come on", async () => {
  await using there = await place();
  using database = there.database();
  database.exec("CREATE TABLE flows (mine INTEGER)");
  await using writer = await there.open();
  await writer.write(row(1), 1);
  await until("the packet is there", () => writer.delivery.written === 1);
  await writer.write(flowRows(HELD), HELD.length);
  await until(
    "it is said",
    () => there.said.some((line) => line.includes("Cannot use table flows")),
  );
  const [line] = there.said.filter((line) => line.includes("Cannot use table flows"));
  assertStringIncludes(line!, "nfscribe did not make it");
  database.exec("DROP TABLE flows");
  await until("the flows are there", () => writer.delivery.written === 1 + HELD.length, 60_000);
});

Deno.test("a flow that the table refuses goes to the quarantine, and rows that are mixed to theirs", async () => {
  await using there = await place();
  await using writer = await there.open();
  const [good, , , , bad] = HELD.map((flow) => flowRows([flow]));
  const strange = rowOf(
    fieldsOf(bad!).map((field, column) => FLOW_COLUMNS[column]![0] === "time" ? undefined : field),
  );
  await writer.write(concat(good!, row(1), strange, row(2)), 4);
  await until("the rest is there", () => writer.delivery.written === 3);
  assertEquals(writer.delivery.failed, 1);
  assertEquals(there.query("SELECT mark FROM packets ORDER BY mark"), [[1], [2]]);
  assertEquals(there.query("SELECT id FROM flows"), [[1]]);
  const text = await Deno.readTextFile(`${there.spool}/quarantine.jsonl`);
  const refused = JSON.parse(text.trimEnd());
  assertEquals([refused.table, refused.columns.id], ["flows", "4"]);
});

Deno.test("limits of a file are those of all its tables, and a table that is old as a whole stays", async () => {
  await using there = await place();
  const now = Date.now();
  {
    await using writer = await there.open();
    await writer.write(rows(2000, 0, now), 2000);
    const old = Math.floor(now / 1000) - 90 * 86_400;
    const flows = Array.from(
      { length: 8000 },
      (_, id) => translated({ host: id, port: id, outerPort: id, start: old, end: old + 1, id }),
    );
    await writeAll(writer, flows);
    await until("the rows are there", () => writer.delivery.written === 10_000);
  }
  using database = there.database();
  const counts = () =>
    there.query("SELECT (SELECT count(*) FROM packets), (SELECT count(*) FROM flows)")[0];
  const expiry = (limits: ConstructorParameters<typeof Expiry>[1]) => {
    const expiry = new Expiry(database, limits);
    for (const record of [PACKETS, FLOWS]) expiry.add(record, record.name);
    return expiry;
  };
  const all = (one: Expiry, most: boolean) => {
    while (one.deleteSome(now, most) > 0);
  };
  all(expiry({ retentionDays: 30 }), false);
  assertEquals(counts(), [2000, 8000]);
  all(expiry({ retentionRows: 1500 }), false);
  assertEquals(counts(), [1500, 1500]);
  const bytes = expiry({ retentionBytes: 200_000 });
  all(bytes, false);
  assertEquals(bytes.isExceededByOthers, false);
  const [packets, flows] = counts() as [number, number];
  assertEquals([packets > 0 && packets < 1500, flows > 0 && flows < 1500], [true, true]);
  all(expiry({ retentionDays: 30 }), true);
  assertEquals(counts(), [packets, 0]);
});

testUnless(
  missing,
  "without the right to make it, a missing table of flows is reported, with what to do about it",
  async () => {
    await using cluster = await Cluster.start();
    await using folder = await temporaryFolder();
    const { said, log } = recorder();
    const url = cluster.url();
    // As an older nfscribe has left it.
    const { client } = await import("../../src/output/postgres/connect.ts");
    const { connectionOf } = await import("../../src/output/postgres/connection_string.ts");
    const { migrate } = await import("../../src/output/postgres/migrate.ts");
    const { parseTable } = await import("../../src/output/postgres/table.ts");
    const sql = client(connectionOf(url, () => undefined));
    await migrate(sql, PACKETS, parseTable("packets"), { create: true });
    await sql.end();
    await using writer = await openWriter(url, `${folder.path}/spool`, log, { create: false });
    await writer.write(row(1), 1);
    await until("the packet is there", () => writer.delivery.written === 1);
    await writer.write(flowRows(HELD), HELD.length);
    const asked =
      "Cannot use table flows: it is not there; make it with nfscribe db init, or set " +
      "create = true";
    await until("it is said", () => said.some((line) => line.includes(asked)));
    const database = new PostgresDatabase({ url, ...TABLES } as PostgresOptions);
    await assertRejects(() => ask(database), OutputError, "flows");
    const lines: string[] = [];
    await database.migrate((line) => lines.push(line), true);
    assertStringIncludes(lines.join("\n"), "table public.flows: made by:");
    await database.init(() => {});
    await until("the flows are there", () => writer.delivery.written === 1 + HELD.length, 60_000);
    assertEquals((await database.status(1000)).map(({ table, rows }) => [table, rows]), [
      ["public.packets", 1],
      ["public.flows", HELD.length],
      ["public.counters", 0],
    ]);
  },
);

Deno.test("the holder of an address is found by the index, in a table of many flows", async () => {
  await using there = await place();
  {
    await using writer = await there.open();
    const flows = Array.from({ length: 20_000 }, (_, id) =>
      translated({
        ...{ host: id % 250, port: 1024 + id, outerPort: 1024 + id, id },
        ...{ start: NAT_START + id, end: NAT_START + id + 60 },
      }));
    await writeAll(writer, flows);
    await until("the flows are there", () => writer.delivery.written === flows.length);
  }
  const database = new SqliteDatabase({ path: there.path, ...TABLES } as SqliteOptions);
  assertEquals(await holders(database, 1024 + 777, NAT_START + 780), ["10.0.0.27:1801 ended"]);
  using file = new DatabaseSync(there.path);
  const { natConditions } = await import("../../src/output/table/nat_question.ts");
  const { SQLITE } = await import("../../src/filter/expression/sql/dialect.ts");
  const question = { address: Uint8Array.of(198, 51, 100, 7), port: 1801 } as NatQuestion;
  const plans = natConditions(question, undefined, SQLITE).map((condition) =>
    file.prepare(`EXPLAIN QUERY PLAN SELECT * FROM flows WHERE ${condition} ORDER BY time`).all()
      .map(({ detail }) => detail).join("\n")
  );
  assertStringIncludes(plans[0]!, "USING INDEX flows_nat_source (reply_destination=? AND");
  assertStringIncludes(plans[1]!, "USING INDEX flows_nat_destination (original_destination=? AND");
});
