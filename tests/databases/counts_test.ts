/**
 * Counts and losses beside the rows, in every database: of rows that are refused, of older tables,
 * and at the end of the retention.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { LOSS_TAG, lossFrame } from "../../src/output/delivery/losses.ts";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { Expiry } from "../../src/output/sqlite/retention.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { hex } from "../packet/sample.ts";
import { until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { assertCounted } from "./counts.ts";
import { flowRows, ORIGIN, translated } from "./flow_rows.ts";
import { row, rows, uint } from "./rows.ts";
import { place } from "./sqlite.ts";
import { missing, startStores, type TestStore } from "./stores.ts";

const DAY_MS = 86_400_000;
const NOON = Date.parse("2026-06-15T12:00:00Z");
/** Statements that make a database refuse a packet with the mark 13. */
const UNLUCKY = {
  sqlite: "CREATE TRIGGER unlucky BEFORE INSERT ON packets WHEN new.mark = 13 " +
    "BEGIN SELECT raise(ABORT, 'unlucky'); END",
  postgres: "ALTER TABLE packets ADD CONSTRAINT unlucky CHECK (mark <> 13)",
  mysql: "ALTER TABLE packets ADD CONSTRAINT unlucky CHECK (mark <> 13)",
};
const prefix = (text: string) => ({ prefix: new TextEncoder().encode(text) });
const packet = (length: number, protocol?: number) => ({
  length: uint(length, 4),
  ...protocol === undefined ? {} : { protocol: uint(protocol, 2) },
});

/** Leaves packets, flows, losses and bytes that are none in a spool, as a run would that was killed. */
function leaveAll(folder: string): void {
  const session = crypto.randomUUID();
  const options = { folder, limit: 2 ** 30, sync: "off", whenFull: "drop", session } as const;
  const spooler = new Spooler(options, { info() {}, warn() {} }, () => {});
  const add = (bytes: Uint8Array, records: number, tag = 0) =>
    void spooler.append(bytes, records, tag);
  const loss = (source: string, packets: number, seconds: number) =>
    add(
      lossFrame({ source, packets, seconds: NOON / 1000 + seconds, nanoseconds: 5000 }, ORIGIN),
      0,
      LOSS_TAG,
    );
  const long = `${"é".repeat(300)} `;
  add(rows(50, 0, NOON), 50);
  loss("nflog:1", 3, 0);
  for (const text of ["DROP: ", "DROP:", "drop: ", "*", long, "\\ '\u0001"]) {
    add(row(100, NOON + 59_999, { ...prefix(text), ...packet(1500, 6) }), 1);
  }
  add(row(101, NOON + 60_000, packet(28)), 1);
  add(row(102, NOON, { ethertype: uint(0x0806, 4) }), 1);
  add(row(103, NOON, { source_address: hex("02200004 c0000201") }), 1);
  // Of the same second, and of the next one.
  loss("nflog:1", 4, 0);
  loss("nflog:1", 5, 1);
  loss("nflog:2", 6, 1);
  add(new TextEncoder().encode('{"micros":"now"}'), 0, LOSS_TAG);
  add(row(7, NOON, { session: hex("00") }), 1);
  const flow = { host: 1, port: 2, outerPort: 3, start: NOON / 1000, id: 4 };
  add(flowRows([translated(flow), translated({ ...flow, end: NOON / 1000 + 90 })]), 2);
  spooler.close();
}

async function checkAll({ query }: TestStore): Promise<void> {
  const text = async (sql: string) => (await query(sql)).map(String);
  assertEquals(await text("SELECT count(*) FROM packets"), ["58"]);
  await assertCounted(query);
  await assertCounted(query, "flow");
  assertEquals(
    await text("SELECT DISTINCT protocol FROM packets_counts ORDER BY 1"),
    ["-2", "-1", "6"],
  );
  assertEquals(
    await text(
      "SELECT count(*) FROM packets_counts WHERE step = 60 AND substr(prefix, 1, 4) = 'DROP'",
    ),
    ["2"],
  );
  assertEquals(
    await text("SELECT capture, packets, host FROM packets_losses ORDER BY time, capture"),
    ["nflog:1|7|gate", "nflog:1|5|gate", "nflog:2|6|gate"],
  );
}

testUnless(
  missing,
  "counts are those of the rows that arrived, and losses arrive once, in every database",
  async (test) => {
    await using stores = await startStores();
    for (const store of stores) {
      await test.step(store.name, async () => {
        const { name, query, database, spool } = store;
        await (await store.open()).close();
        await query(UNLUCKY[name]);
        leaveAll(spool);
        const writer = await store.open();
        // The packet with the mark 13, bytes that are no packet, and those that are no loss.
        await until("it arrived", () => writer.figures!().quarantined! >= 2, 60_000);
        await until(
          "flows are there",
          async () => (await query("SELECT count(*) FROM flows"))[0] === "2",
          60_000,
        );
        await checkAll(store);
        // Tables of an older nfscribe have none.
        await writer.close();
        await query("DROP TABLE packets_counts");
        await query("DROP TABLE flows_counts");
        await query("DROP TABLE packets_losses");
        const [packets, flows] = name === "postgres" ? [3, 1] : [1, 1];
        await query(`UPDATE nfscribe_tables SET version = ${packets} WHERE name = 'packets'`);
        await query(`UPDATE nfscribe_tables SET version = ${flows} WHERE name = 'flows'`);
        if (store.openAsItIs !== undefined) {
          const asItIs = await store.openAsItIs();
          await asItIs.lost!({ source: "nflog:1", packets: 9, seconds: 1, nanoseconds: 0 });
          await asItIs.write(row(21, NOON + 2, prefix("DROP: ")), 1);
          await until("it arrived", () => asItIs.delivery!.written === 1, 60_000);
          await asItIs.close();
        }
        if (name === "postgres") {
          await query('CREATE ROLE "the writer"');
          await query('GRANT INSERT ON packets TO "the writer"');
        }
        const lines: string[] = [];
        await database.migrate((line) => lines.push(line), false);
        assertStringIncludes(lines.join("\n"), "packets_counts");
        if (name === "postgres") {
          const rights = ["packets_counts', 'UPDATE", "packets_losses', 'INSERT"]
            .map((right) => `has_table_privilege('the writer', '${right}')`);
          assertEquals(await query(`SELECT ${rights.join(", ")}`), ["t|t"]);
        }
        await assertCounted(query);
        await assertCounted(query, "flow");
        await using again = await store.open();
        await again.write(row(20, NOON + 1, prefix("DROP: ")), 1);
        await again.lost!({ source: "nflog:1", packets: 9, seconds: 1, nanoseconds: 0 });
        await until(
          "all arrived",
          async () => (await query("SELECT count(*) FROM packets_losses"))[0] === "1",
          60_000,
        );
        await assertCounted(query);
      });
    }
  },
);

Deno.test("counts and losses go with the rows that the retention deletes", async () => {
  await using there = await place();
  {
    await using writer = await there.open();
    const now = Date.now();
    for (const days of [40, 20, 0]) {
      const seconds = Math.floor(now / 1000) + 1 - days * 86_400;
      await writer.lost!({ source: "nflog:1", packets: 1, seconds, nanoseconds: 0 });
      await writer.write(rows(10, 0, now - days * DAY_MS), 10);
    }
    await until("all arrived", () => writer.delivery.written === 30);
  }
  {
    using database = there.database();
    const expiry = new Expiry(database, { retentionDays: 30 });
    expiry.add(PACKETS, "packets");
    while (expiry.deleteSome(Date.now(), true) > 0);
  }
  await assertCounted((sql) => Promise.resolve(there.query(sql)));
  assertEquals(there.query("SELECT count(*) FROM packets_losses"), [[2]]);
  assertEquals(there.query("SELECT count(*) FROM packets"), [[20]]);
});
