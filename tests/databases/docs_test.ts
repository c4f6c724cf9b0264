import { assert } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { statements as clickhouseStatements } from "../../src/output/clickhouse/schema.ts";
import { schemaScript as mysqlSchema } from "../../src/output/mysql/schema.ts";
import { schemaScript as sqliteSchema } from "../../src/output/sqlite/schema.ts";
import { sqlStatements } from "../docs/book.ts";
import { ClickServer, noServer as noClickServer } from "./click_server.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { testUnless } from "../system/test_unless.ts";

const missing = noServer();

Deno.test("docs/sqlite.md: every query finds something", async () => {
  using database = new DatabaseSync(":memory:");
  database.exec(sqliteSchema([[PACKETS, "packets"]]).replace("PRAGMA journal_mode = WAL;", ""));
  const insert = database.prepare(
    "INSERT INTO packets (time, prefix, source_address, length, extra) VALUES (?, ?, ?, ?, ?)",
  );
  const address = Uint8Array.of(198, 51, 100, 7);
  insert.run(Date.now() * 1000, "DROP: ", address, 60, '{"country":"NZ"}');
  database.exec(
    "INSERT INTO packets_counts VALUES (86400, 0, 'gate', 'nflog:1', 'DROP: ', 6, 1, 60); " +
      "INSERT INTO packets_losses VALUES (0, 'gate', 'nflog:1', x'00', 1)",
  );
  const statements = await sqlStatements("docs/sqlite.md");
  assert(statements.length >= 3);
  for (const statement of statements) {
    assert(database.prepare(statement).all().length > 0, `finds nothing: ${statement}`);
  }
});

testUnless(
  missing,
  "docs/mysql.md: its statements work, and every query finds something",
  async () => {
    await using server = await MariaServer.start();
    await server.sql("DROP DATABASE nfscribe; CREATE USER writer@localhost");
    const [setup, ...statements] = await sqlStatements("docs/mysql.md");
    await server.sql(setup!);
    await server.sql(mysqlSchema([[PACKETS, "packets"]]), "nfscribe");
    await server.sql(
      `INSERT INTO packets (time, prefix, source_address, length, extra)
        SELECT at, 'DROP: ', INET6_ATON('198.51.100.1'), 60, '{"country": "NZ"}'
        FROM (SELECT UTC_TIMESTAMP() AS at UNION SELECT '2026-01-31 12:00') AS times`,
      "nfscribe",
    );
    assert(statements.length >= 3);
    for (const statement of statements) {
      const printed = await server.sql(statement, "nfscribe");
      if (/^SELECT/m.test(statement)) assert(printed !== "", `finds nothing: ${statement}`);
    }
  },
);

const missingClick = noClickServer();
testUnless(missingClick, "docs/clickhouse.md: every query finds something", async () => {
  await using server = await ClickServer.start();
  for (
    const statement of clickhouseStatements(
      { record: PACKETS, table: "packets", isModern: false },
      0,
    )
  ) {
    await server.sql(statement, "nfscribe", "&allow_experimental_low_cardinality_type=1");
  }
  for (const time of [Math.floor(Date.now() / 1000), Date.parse("2026-01-31T12:00Z") / 1000]) {
    await server.sql(
      "INSERT INTO packets (time, prefix, source_address, length, extra) VALUES " +
        `(${time}, 'DROP: ', toFixedString(IPv6StringToNum('::ffff:198.51.100.1'), 16), 60, ` +
        `'{"country":"NZ"}')`,
      "nfscribe",
    );
  }
  const statements = await sqlStatements("docs/clickhouse.md");
  assert(statements.length >= 2);
  for (const statement of statements) {
    const found = await server.sql(statement.replace(/;\s*$/, ""), "nfscribe");
    assert(found !== "", `finds nothing: ${statement}`);
  }
});
