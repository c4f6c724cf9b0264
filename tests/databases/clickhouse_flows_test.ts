import { assertEquals, assertMatch } from "@std/assert";
import { ClickhouseDatabase } from "../../src/output/clickhouse/database.ts";
import type { ClickhouseOptions } from "../../src/output/clickhouse/options.ts";
import { testUnless } from "../system/test_unless.ts";
import { ClickServer, noServer, PASSWORD } from "./click_server.ts";
import { spoolTo } from "./clickhouse.ts";
import { checkAnswers, COUNTED, HELD, NAT_START, samples, TABLES, write } from "./flow_answers.ts";

const missing = noServer();
testUnless(
  missing,
  "flows of ClickHouse are those of the other databases, and its views read them",
  async () => {
    await using server = await ClickServer.start();
    await using there = await spoolTo(server, "nfscribe");
    const secretFile = `${there.folder}/secret`;
    await Deno.writeTextFile(secretFile, PASSWORD, { mode: 0o600 });
    {
      await using writer = await there.open();
      await write(writer);
    }
    const database = new ClickhouseDatabase(
      { url: server.url(), secretFile, ...TABLES } as ClickhouseOptions,
    );
    // The last time of servers without `DateTime64`.
    await checkAnswers("clickhouse", database, "2105-12-31T23:59:59.999999Z");
    assertEquals(await there.query("SELECT count(), max(mark) FROM packets"), "200\t199");
    assertEquals(
      await there.query(
        "SELECT event, external_address, internal_address, start_time IS NOT NULL FROM nat_log " +
          "WHERE external_port = 40002",
      ),
      "destroy\t198.51.100.7\t10.0.0.4\t1",
    );
    const columns =
      "_ct_id, orig_ip_saddr_str, orig_l4_sport, reply_l4_dport, orig_raw_pktcount, " +
      "ct_event, flow_start_sec, flow_start_usec, flow_end_sec, flow_end_usec";
    assertEquals(
      await there.query(`SELECT ${columns} FROM ulog2_ct WHERE _ct_id = 4`),
      ["4", "10.0.0.4", 5004, 40_002, 2, 4, NAT_START - 1, 500_000, NAT_START + 90, 250].join("\t"),
    );
    assertEquals(
      await there.query(
        "SELECT duration, status, original_source, start_time_micros FROM flows_text WHERE id = 4",
      ),
      `90.50025\t${0x19e}\t10.0.0.4\t500000`,
    );
    assertEquals(
      await there.query("SELECT sum(flows) FROM flows_per_minute WHERE protocol = 17"),
      await there.query(
        "SELECT count() FROM flows WHERE protocol = 17 AND event IN ('destroy', 'inferred')",
      ),
    );
    assertEquals(
      await there.query("SELECT name, packets, bytes FROM counters_per_minute ORDER BY name"),
      "Jörg\t1\t100\nweb\t5\t155",
    );
    assertEquals(
      await there.query("SELECT sum_name, sum_pkts, sum_bytes FROM nfacct ORDER BY sum_name"),
      `Jörg\t${2 ** 53 - 1}\t7\nweb\t1\t100`,
    );
    const status = await database.status(60_000);
    assertEquals(status.map(({ kind, table, rows }) => [kind, table, rows]), [
      ["packet", "packets", 200],
      ["flow", "flows", samples().length + HELD.length],
      ["counter", "counters", COUNTED.length],
    ]);
    const all = status.reduce((sum, { rows }) => sum + rows!, 0);
    assertEquals(
      status.flatMap(({ hosts }) => hosts.map(({ sessions, rows }) => [sessions, rows])),
      [[1, all]],
    );
    // doctor looks at all tables.
    const doctor = async () => {
      const options = { url: server.url(), secretFile, ...TABLES, create: false };
      const finding = await new ClickhouseDatabase(options as ClickhouseOptions).examine({
        check: "output clickhouse",
        owner: undefined,
        initCommand: "nfscribe db init",
      });
      return `${finding.state} ${finding.message}`;
    };
    assertMatch(await doctor(), /^ok .* answers; tables packets, flows, counters are there$/);
    await there.query("DROP TABLE flows");
    await there.query("CREATE TABLE flows (mine UInt8) ENGINE = Memory");
    assertMatch(await doctor(), /^fix .* answers, but Cannot use table flows: .* nfscribe did not/);
  },
);
