import { assertEquals, assertRejects } from "@std/assert";
import { indexClosedDays } from "../../src/output/postgres/indexes.ts";
import { maintain } from "../../src/output/postgres/maintenance.ts";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { ensurePartitions } from "../../src/output/postgres/partitions.ts";
import { dropExpired } from "../../src/output/postgres/retention.ts";
import { DAY, DAY_MS, refusal, sqlState, TABLE, testOnServer } from "./database.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

await testOnServer("Partitions on a real server", {
  async "A packet goes to the partition of its UTC day, and one far off to the default"(database) {
    await database.psql(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Kolkata'`);
    await database.psql(`ALTER DATABASE ${database.name} SET datestyle = 'SQL, DMY'`);
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await ensurePartitions(sql, TABLE, [DAY, DAY, -1, 3_000_000, NaN]);
    await ensurePartitions(sql, TABLE, [DAY]);
    await database.insert(
      "2024-02-29 00:00Z",
      "2024-02-29 23:59:59.999999Z",
      "2024-03-01 00:00Z",
      "1970-01-01 00:00Z",
      "infinity",
    );
    assertEquals(await database.rowsByPartition(), "packets_20240229|2\npackets_default|3");
    assertEquals(await database.partitions(), ["packets_20240229", "packets_default"]);
  },

  async "Rows that waited in the default partition are moved to their day's"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.insert("2024-02-28 23:59Z", "2024-02-29 01:00Z", "2024-03-01 00:00Z");
    assertEquals(await ensurePartitions(sql, TABLE, [DAY]), [{
      name: "packets_20240229",
      moved: 1,
    }]);
    assertEquals(await database.rowsByPartition(), "packets_20240229|1\npackets_default|2");
    assertEquals(
      await database.psql(
        "SELECT indexdef ~ 'brin' FROM pg_indexes WHERE tablename = 'packets_20240229'",
      ),
      "t",
    );
  },

  async "Rows keep arriving while partitions are made under them"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
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
    assertEquals((await database.partitions()).length, 11);
  },

  async "A day within a partition of another program needs none"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.psql(
      "CREATE TABLE february PARTITION OF packets FOR VALUES FROM (MINVALUE) TO ('2024-02-29 12:00Z')",
    );
    await ensurePartitions(sql, TABLE, [DAY - 1, DAY, DAY + 1]);
    assertEquals(await database.partitions(), ["february", "packets_20240301", "packets_default"]);
  },

  async "A table in a partition's way is named"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.psql("CREATE TABLE packets_20240229 (note text)");
    assertEquals(
      await refusal(() => ensurePartitions(sql, TABLE, [DAY])),
      "Cannot make partition public.packets_20240229: there is something of that name that is no " +
        "partition of public.packets; give it another name, or attach it",
    );
  },

  async "A table without a default partition gets partitions, too"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.psql("DROP TABLE packets_default");
    await ensurePartitions(sql, TABLE, [DAY]);
    assertEquals(await database.partitions(), ["packets_20240229"]);
  },

  async "Days past the retention are dropped, those of others and detached ones never"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await ensurePartitions(sql, TABLE, [DAY - 5, DAY - 4, DAY - 3, DAY - 2, DAY - 1, DAY]);
    await database.psql(`
      CREATE TABLE packets_20240220 PARTITION OF packets
        FOR VALUES FROM ('2024-02-20 00:00Z') TO ('2024-02-21 00:00Z');
      ALTER TABLE packets DETACH PARTITION packets_20240224`);
    await database.insert("1970-01-01Z", "2024-02-26 12:00Z", "2030-01-01Z", "2024-02-22Z");
    const now = DAY * DAY_MS + DAY_MS / 2;
    assertEquals(await dropExpired(sql, TABLE, 2, now), {
      dropped: ["packets_20240225", "packets_20240226"],
      deleted: 2,
      held: [],
    });
    assertEquals(await dropExpired(sql, TABLE, 2, now), { dropped: [], deleted: 0, held: [] });
    assertEquals(await database.partitions(), [
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
  },

  async "Rows of older days within the retention are moved to partitions of their days"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.insert(
      "1970-01-01Z",
      "2013-01-01Z",
      "2024-02-10 00:00Z",
      "2024-02-10 23:59:59Z",
      "2024-02-20 12:00Z",
      "2024-03-09 12:00Z",
      "infinity",
      "-infinity",
    );
    const work = { days: [DAY], nowMs: DAY * DAY_MS + DAY_MS / 2 };
    assertEquals(await maintain(sql, TABLE, { ...work, retentionDays: undefined }), [
      "moved from the default partition to their days: 3 rows, to packets_20240210, packets_20240220",
    ]);
    assertEquals(
      await database.rowsByPartition(),
      "packets_20240210|2\npackets_20240220|1\npackets_default|5",
    );
    await database.insert("2024-02-11Z", "2024-02-21Z");
    assertEquals(await maintain(sql, TABLE, { ...work, retentionDays: 10 }), [
      "dropped, as retention_days says: packets_20240210",
      "deleted, as retention_days says: 4 rows of the default partition",
      "moved from the default partition to their days: 1 row, to packets_20240221",
    ]);
    assertEquals(
      await database.rowsByPartition(),
      "packets_20240220|1\npackets_20240221|1\npackets_default|2",
    );
    assertEquals(await maintain(sql, TABLE, { ...work, retentionDays: 10 }), []);
  },

  async "A role that may only write does not search the default partition"(database) {
    const owner = database.as();
    await migrate(owner, PACKETS, TABLE, { create: true });
    await ensurePartitions(owner, TABLE, [DAY]);
    await database.insert("2024-02-10 00:00Z");
    await database.psql("GRANT INSERT ON packets TO writer");
    const work = { days: [DAY], nowMs: DAY * DAY_MS, retentionDays: undefined };
    assertEquals(await maintain(database.as("writer"), TABLE, work), []);
  },

  async "A reader holds up a drop for five seconds, not for good"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await ensurePartitions(sql, TABLE, [DAY]);
    const reader = database.as();
    await reader.begin(async (transaction) => {
      await transaction`SELECT count(*) FROM packets`;
      assertEquals(await sqlState(() => dropExpired(sql, TABLE, 1, (DAY + 9) * DAY_MS)), "55P03");
    });
    const { dropped } = await dropExpired(sql, TABLE, 1, (DAY + 9) * DAY_MS);
    assertEquals(dropped, ["packets_20240229"]);
  },

  async "Days that are over get indexes once, whatever a stopped run left"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await ensurePartitions(sql, TABLE, [DAY - 1, DAY, DAY + 1]);
    await database.insert("2024-02-28 12:00Z");
    await database.psql(`
      CREATE INDEX half_made ON packets_20240228 (source_address);
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_made'::regclass;
      CREATE INDEX ON packets_20240228 (destination_address, time)`);
    const made: string[] = [];
    const run = () =>
      indexClosedDays(sql, TABLE, PACKETS.searched, (DAY + 1) * DAY_MS, (name) => made.push(name));
    await run();
    assertEquals(made, [
      "packets_20240228 (source_address)",
      "packets_20240229 (source_address)",
      "packets_20240229 (destination_address)",
    ]);
    assertEquals(await database.psql("SELECT to_regclass('half_made') IS NULL"), "t");
    await run();
    assertEquals(made.length, 3);
    const other = database.as();
    await other`SELECT pg_advisory_lock(${0x6e667363}, 3)`;
    await assertRejects(run, Error, "another nfscribe makes indexes at the moment");
  },
});
