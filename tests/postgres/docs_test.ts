import { assert, assertEquals } from "@std/assert";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { ensurePartitions } from "../../src/output/postgres/partitions.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { COUNTER_COLUMNS } from "../../src/output/table/counter_columns.ts";
import { FLOW_COLUMNS } from "../../src/output/table/flow_columns.ts";
import { TYPES } from "../../src/output/postgres/dialect.ts";
import { ROOT } from "../system/process.ts";
import { DAY, DAY_MS, TABLE, testOnServer } from "./database.ts";
import { PACKETS as RECORD } from "../../src/output/table/packets.ts";

/** Packets in which every query of the document finds something. */
const PACKETS = `
INSERT INTO packets (time, prefix, in_dev, source_address, destination_address, protocol, source_port,
  destination_port, tcp_flags, length, uid, extra)
SELECT time, 'DROP: ', 'eth0', ('198.51.100.' || i % 2 + 1)::inet, ('192.0.2.' || i)::inet, 6, 40000,
  22 + i % 2 * i, 2, 60, 1000, '{"country": "NZ"}'::jsonb
FROM generate_series(1, 250) i,
  unnest(ARRAY[now() - interval '1 minute', '2026-01-31 12:00Z'::timestamptz]) AS time;
INSERT INTO packets (time, source_address, destination_address, protocol, destination_port)
SELECT now() - interval '1 minute', '198.51.100.1'::inet, '192.0.2.1'::inet, 17, i FROM generate_series(1, 100) i;
INSERT INTO packets (time) VALUES (now())`;

await testOnServer("docs/postgres.md on a real server", {
  async "Every SQL statement in it works, and every query finds something"(database) {
    const sql = database.as();
    await migrate(sql, RECORD, TABLE, { create: true });
    await ensurePartitions(sql, TABLE, [DAY, Math.floor(Date.now() / DAY_MS)]);
    await database.psql(PACKETS);
    await database.psql("CREATE ROLE reader");
    const text = await Deno.readTextFile(`${ROOT}docs/postgres.md`);
    const blocks = [...text.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, block]) => block!);
    assert(blocks.length > 15);
    for (const block of blocks) {
      const printed = await database.psql(block);
      if (block.startsWith("SELECT")) assert(printed !== "", `finds nothing: ${block}`);
    }
  },

  async "Its columns and null columns are those of the table"(database) {
    const text = await Deno.readTextFile(`${ROOT}docs/postgres.md`);
    const rows = [...text.matchAll(/^\| `(\w+)` +\| `(\w+)` +\| (.*?) +\|$/gm)];
    assertEquals(
      rows.map(([, name, type, holds]) => [name, type, holds!.replaceAll("`", "")]),
      COLUMNS.map(([name, type, description]) => [name, TYPES[type], description]),
    );
    for (
      const [page, columns] of [["flows", FLOW_COLUMNS], ["counters", COUNTER_COLUMNS]] as const
    ) {
      const text = await Deno.readTextFile(`${ROOT}docs/${page}.md`);
      const rows = [...text.matchAll(/^\| `(\w+)` +\| `([a-z ]+)` +\| (.*?) +\|$/gm)];
      assertEquals(
        rows.map(([, name, type, holds]) => [name, type, holds!.replaceAll("`", "")]),
        columns.map(([name, type, description]) => [name, TYPES[type], description]),
      );
    }
    const [, nulls] = /always null,\*\* (.*?)\. With/s.exec(text)!;
    await migrate(database.as(), RECORD, TABLE, { create: true });
    const view = await database.psql("SELECT pg_get_viewdef('ulog')");
    assertEquals(
      [...nulls!.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort(),
      [...view.matchAll(/NULL::\w+ AS (\w+)/g)].map(([, name]) => name).sort(),
    );
  },
});
