import { assert, assertEquals } from "@std/assert";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { ensurePartitions } from "../../src/output/postgres/partitions.ts";
import { sqlStatements } from "../docs/book.ts";
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
    const statements = await sqlStatements("docs/postgres.md");
    assert(statements.length > 4);
    for (const statement of statements) {
      const printed = await database.psql(statement);
      if (/^SELECT/m.test(statement)) assert(printed !== "", `finds nothing: ${statement}`);
    }
  },

  async "The columns that it calls always null are so in the view"(database) {
    const text = await Deno.readTextFile(`${ROOT}docs/postgres.md`);
    const [, nulls] = /always null,\*\* (.*?)\. With/s.exec(text)!;
    await migrate(database.as(), RECORD, TABLE, { create: true });
    const view = await database.psql("SELECT pg_get_viewdef('ulog')");
    assertEquals(
      [...nulls!.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort(),
      [...view.matchAll(/NULL::\w+ AS (\w+)/g)].map(([, name]) => name).sort(),
    );
  },
});
