import { assertEquals, assertMatch } from "@std/assert";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { ensurePartitions, partitionOf } from "../../src/output/postgres/partitions.ts";
import { dropExpired } from "../../src/output/postgres/retention.ts";
import {
  copyStatement,
  newestOf,
  schemaScript,
  statements,
  writableOf,
} from "../../src/output/postgres/schema.ts";
import { parseTable, quoted } from "../../src/output/postgres/table.ts";
import { DAY, DAY_MS, refusal, sqlState, TABLE, testOnServer } from "./database.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

await testOnServer("The table on a real server", {
  async "A table is created completely, and the second time nothing is done"(database) {
    const sql = database.as();
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "made");
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "current");
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: false }), "current");
    assertEquals(
      await database.psql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace " +
          "AND relkind IN ('r', 'p', 'v') ORDER BY 1",
      ),
      "nfscribe_received\nnfscribe_spools\nnfscribe_tables\npackets\npackets_counts\npackets_default\npackets_losses\n" +
        "packets_per_minute\ntop_ports\ntop_sources\nulog\nulog1",
    );
    assertEquals(await database.psql("TABLE nfscribe_tables"), `packets|${newestOf(PACKETS)}`);
  },

  async "Every column has a comment"(database) {
    await migrate(database.as(), PACKETS, TABLE, { create: true });
    const comments = "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute " +
      "WHERE attrelid = 'packets'::regclass AND attnum > 0 ORDER BY attnum";
    const lines = (await database.psql(comments)).split("\n");
    assertEquals(lines.length, 28);
    for (const line of lines) assertMatch(line, /^\w+\|[A-Z].{9,}$/);
    assertMatch(lines.join("\n"), /^prefix\|.*written as \\xe9$/m);
  },

  async "`nfscribe db schema` makes the same as `nfscribe db init`"(database) {
    const shape = (schema: string) =>
      `SELECT c.relname, a.attname, format_type(atttypid, atttypmod), attnotnull, col_description(c.oid, attnum)
      FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
      WHERE relnamespace = '${schema}'::regnamespace AND attnum > 0 ORDER BY c.relname, attnum`;
    await database.psql(schemaScript([[PACKETS, parseTable("a.packets")]]));
    const sql = database.as();
    await migrate(sql, PACKETS, parseTable("b.packets"), { create: true });
    assertEquals(
      await migrate(sql, PACKETS, parseTable("a.packets"), { create: false }),
      "current",
    );
    const made = await database.psql(shape("b"));
    assertMatch(made, /packets\|time\|timestamp with time zone\|t/);
    assertEquals(await database.psql(shape("a")), made);
  },

  async "Several tables share the bookkeeping of a schema"(database) {
    const sql = database.as();
    const log = parseTable("Log");
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "made");
    assertEquals(await migrate(sql, PACKETS, log, { create: true }), "made");
    assertEquals(
      await database.psql("SELECT name FROM nfscribe_tables ORDER BY 1"),
      "Log\npackets",
    );
    assertEquals(await database.psql('SELECT count(*) FROM "Log_top_sources"'), "0");
  },

  async "Two nfscribes may make the same table at the same moment"(database) {
    const connections = Array.from({ length: 4 }, () => database.as());
    const done = await Promise.all(
      connections.map((sql) => migrate(sql, PACKETS, TABLE, { create: true })),
    );
    assertEquals(done.every((what) => what === "made" || what === "current"), true);
    const days = [DAY, DAY + 1, DAY + 2];
    await Promise.all(connections.map((sql) => ensurePartitions(sql, TABLE, days)));
    assertEquals(await database.partitions(), [
      "packets_20240229",
      "packets_20240301",
      "packets_20240302",
      "packets_default",
    ]);
  },

  async "A table of version 1 is brought up to date, with its rows"(database) {
    const sql = database.as();
    await sql.unsafe(statements(PACKETS, TABLE, 0, 1).join(";"));
    await database.insert("2024-02-29 12:00Z");
    const error = await refusal(() => migrate(sql, PACKETS, TABLE, { create: false }));
    assertEquals(
      error,
      `Cannot use table packets: it is of version 1, this nfscribe needs ${writableOf(PACKETS)}; ` +
        "bring it up to date with nfscribe db init, or set create = true",
    );
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "updated");
    assertEquals(await database.psql("SELECT packets FROM packets_per_minute"), "1");
  },

  async "A table that lacks views only is written to as it is"(database) {
    const sql = database.as();
    await sql.unsafe(statements(PACKETS, TABLE, 0, writableOf(PACKETS)).join(";"));
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: false }), "current");
    assertEquals(await database.psql("TABLE nfscribe_tables"), `packets|${writableOf(PACKETS)}`);
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "updated");
    await database.insert("2024-02-29 12:00Z");
    await database.psql("UPDATE packets SET source_address = '192.0.2.1', protocol = 6");
    assertEquals(await database.psql("SELECT ip_saddr, ip_protocol FROM ulog1"), "192.0.2.1|6");
  },

  async "A newer table is refused"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    await database.psql("UPDATE nfscribe_tables SET version = 99");
    assertEquals(
      await refusal(() => migrate(sql, PACKETS, TABLE, { create: true })),
      `Cannot use table packets: it was made by a newer nfscribe (its version is 99, this nfscribe ` +
        `knows ${newestOf(PACKETS)}); start that one, or choose another table`,
    );
  },

  async "A table of another program is refused and left unchanged"(database) {
    const sql = database.as();
    const why = "Cannot use table packets: something of that name is there, and nfscribe did not " +
      'make it; give it another name, or choose another one, as in table = "nfscribe.packets"';
    await database.psql("CREATE TABLE packets (time timestamptz)");
    assertEquals(await refusal(() => migrate(sql, PACKETS, TABLE, { create: true })), why);
    await migrate(sql, PACKETS, parseTable("other"), { create: true });
    assertEquals(await refusal(() => migrate(sql, PACKETS, TABLE, { create: true })), why);
    await database.psql("DROP TABLE packets");
    assertEquals(await migrate(sql, PACKETS, TABLE, { create: true }), "made");
  },

  async "Nothing is created if ulogd's view exists"(database) {
    const sql = database.as();
    await database.psql("CREATE VIEW ulog AS SELECT 1 AS _id");
    assertEquals(
      await refusal(() => migrate(sql, PACKETS, TABLE, { create: true })),
      'Cannot use table packets: relation "ulog" already exists; use a schema of its own, as in ' +
        'table = "nfscribe.packets"',
    );
    assertEquals(await database.psql("SELECT to_regclass('packets') IS NULL"), "t");
    assertEquals(
      await migrate(sql, PACKETS, parseTable("nfscribe.packets"), { create: true }),
      "made",
    );
  },

  async "A missing table is named, and what to do"(database) {
    const sql = database.as();
    assertEquals(
      await refusal(() => migrate(sql, PACKETS, TABLE, { create: false })),
      "Cannot use table packets: it is not there; make it with nfscribe db init, or set create = true",
    );
    assertMatch(await refusal(() => ensurePartitions(sql, TABLE, [DAY])), /run nfscribe db init$/);
  },

  async "Without the privilege to create it, the message has advice"(database) {
    const sql = database.as("stranger");
    const advice = 'run nfscribe db init as a role that may: see "Rights" in docs/postgres.md';
    assertEquals(
      await refusal(() => migrate(sql, PACKETS, TABLE, { create: true })),
      `Cannot use table packets: permission denied for schema public; ${advice}`,
    );
    assertEquals(
      await refusal(() => migrate(sql, PACKETS, parseTable("own.packets"), { create: true })),
      `Cannot use table own.packets: permission denied for database ${database.name}; ${advice}`,
    );
    await migrate(database.as(), PACKETS, TABLE, { create: true });
    assertMatch(
      await refusal(() => migrate(sql, PACKETS, TABLE, { create: false })),
      /permission denied for table nfscribe_tables; grant it to the role that writes: see "Rights"/,
    );
  },

  async "With an empty search path, the message has advice"(database) {
    await database.psql(`ALTER DATABASE ${database.name} SET search_path = nowhere`);
    assertEquals(
      await refusal(() => migrate(database.as(), PACKETS, TABLE, { create: true })),
      'Cannot use table packets: no schema of the search path is there; name one, as in table = "nfscribe.packets"',
    );
  },

  async "A role that may only write writes, and may not make or drop partitions"(database) {
    const owner = database.as();
    await migrate(owner, PACKETS, TABLE, { create: true });
    await ensurePartitions(owner, TABLE, [DAY]);
    await database.psql(`
      GRANT INSERT ON packets TO writer;
      GRANT SELECT ON nfscribe_tables TO writer;
      GRANT SELECT, INSERT, UPDATE ON nfscribe_spools TO writer`);
    const writer = database.as("writer");
    assertEquals(await migrate(writer, PACKETS, TABLE, { create: false }), "current");
    await writer.begin(async (transaction) => {
      const stream = await transaction.unsafe(copyStatement(PACKETS, TABLE)).writable();
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
    assertEquals(await database.rowsByPartition(), "packets_20240229|1");
    assertEquals(await database.psql("SELECT position FROM nfscribe_spools"), "2");
    await ensurePartitions(writer, TABLE, [DAY]);
    assertEquals(await sqlState(() => ensurePartitions(writer, TABLE, [DAY + 1])), "42501");
    assertEquals(await sqlState(() => dropExpired(writer, TABLE, 1, (DAY + 9) * DAY_MS)), "42501");
    assertEquals(await sqlState(async () => await writer`SELECT FROM packets`), "42501");
  },

  async "An owner without any other right does everything"(database) {
    await database.psql("CREATE SCHEMA firewall AUTHORIZATION owner");
    const sql = database.as("owner");
    const table = parseTable("firewall.packets");
    assertEquals(await migrate(sql, PACKETS, table, { create: true }), "made");
    await database.psql("INSERT INTO firewall.packets (time) VALUES ('2024-02-29 12:00Z')");
    await ensurePartitions(sql, table, [DAY]);
    assertEquals(
      await database.psql(`SELECT count(*) FROM ${quoted(partitionOf(table, DAY))}`),
      "1",
    );
    const { dropped } = await dropExpired(sql, table, 1, (DAY + 9) * DAY_MS);
    assertEquals(dropped, ["packets_20240229"]);
  },
});

/** Returns a row with only a time. */
function binaryRow(): Uint8Array {
  const row = new Uint8Array(2 + 12 + 27 * 4).fill(0xff);
  const view = new DataView(row.buffer);
  view.setInt16(0, 28);
  view.setInt32(2, 8);
  view.setBigInt64(6, BigInt(DAY * DAY_MS - Date.UTC(2000, 0, 1)) * 1000n);
  return row;
}
