import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf } from "../../src/output/postgres/connection_string.ts";
import { statements } from "../../src/output/postgres/schema.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { ethernetFile } from "../source/pcap/sample.ts";
import { inFolder, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { leave, rows } from "./rows.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

const missing = noServer() ?? await noCluster();
const FRAMES = randomFrames(9, 50);

testUnless(
  missing,
  "`db import`, `status` and `migrate` of PostgreSQL, MySQL and SQLite",
  async () => {
    await using cluster = await Cluster.start();
    await using server = await MariaServer.start();
    await using folder = await temporaryFolder();
    const { path } = folder;
    const command = (args: string[]) => inFolder(path, [`${ROOT}scripts/nfscribe`, "db", ...args]);
    /** Runs `nfscribe db`, with just the rights that it needs. */
    const db = (...args: string[]) => must(command(args));
    await Deno.writeFile(`${path}/in.pcap`, ethernetFile(FRAMES));
    const stores = { postgres: cluster.url(), mysql: server.url(), sqlite: `${path}/x.db` };
    const place = { postgres: "url", mysql: "url", sqlite: "path" };
    for (const type of ["postgres", "mysql", "sqlite"] as const) {
      const file = `${path}/${type}.toml`;
      await Deno.writeTextFile(
        file,
        `[output.store]\ntype = "${type}"\n${place[type]} = "${
          stores[type]
        }"\nspool = "s-${type}"\n` +
          `hostname = "gate"\n[output.pcap]\npath = "never.pcap"\n`,
      );
      const missingTable = await run(command(["status", "-c", file]));
      assertEquals(missingTable.code, 1, missingTable.stdout);
      await db("init", "-c", file);
      await db("import", `${path}/in.pcap`, "-c", file);
      leave(`${path}/s-${type}`, [[rows(7), 7]]);
      const status = await db("status", "-c", file);
      const count = /rows {5}(\d+)\n/.exec(status)?.[1];
      assertMatch(
        status,
        /^\S+: table \S*packets\n {2}version {2}\d\n {2}rows .*\n {2}oldest {3}2023-11-14T\S+Z\n {2}newest {3}2023-11-14T\S+Z\n( {2}size {5}\S+ \wiB\n)?(\S+: table \S*(flows|counters)\n {2}version {2}\d\n {2}rows {5}0\n( {2}size {5}\S+ \wiB\n)?){2}\S+: all tables\n( {2}size {5}\S+ \wiB\n)? {2}host {5}gate: \d+ rows in 1 session, the last at 2\S+Z\n {2}spool {4}\S+: 7 rows wait\n$/,
      );
      // A file has one size, tables of servers have one each.
      assertEquals(status.match(/^ {2}size /gm)?.length, type === "sqlite" ? 1 : 3);
      assertStringIncludes(status, `gate: ${count} rows`);
      const { rows: found, spool, hosts, flows } = JSON.parse(
        await db("status", "-c", file, "--json"),
      );
      assertEquals([String(found), spool.rows, hosts.length, flows.rows], [count, 7, 1, 0]);
      await db("import", `${path}/in.pcap`, `--${type}`, stores[type]);
      const { rows: twice } = JSON.parse(
        await db("status", `--${type}`, stores[type], "--json"),
      );
      assertEquals(twice, 2 * found);
      assertMatch(await db("migrate", "-c", file), /: up to date already \(version \d\)\n$/);
    }
    assertEquals(await Deno.stat(`${path}/never.pcap`).catch(() => undefined), undefined);
    // A table of an older nfscribe.
    const sql = client(connectionOf(stores.postgres, () => undefined));
    await sql.unsafe(statements(PACKETS, { schema: "public", name: "old" }, 0, 2).join(";\n"));
    await sql.end();
    const old = ["migrate", "--postgres", stores.postgres, "--table", "old"];
    const plan = await db(...old, "--dry-run");
    assertMatch(
      plan,
      /: table public.old: from version 2 to 6 by:\n\nCREATE VIEW "public"."old_ulog1" AS/,
    );
    assertMatch(await db(...old), /\n\n\S+: table public.old: brought up to date\n/);
    assertMatch(await db(...old), /public.old: up to date already \(version 6\)\n/);
    using database = new DatabaseSync(stores.sqlite);
    database.exec("UPDATE nfscribe_tables SET version = 99");
    const newer = await run(command(["migrate", "--sqlite", stores.sqlite]));
    assertEquals(newer.code, 1);
    assertStringIncludes(newer.stderr, "it was made by a newer nfscribe (its version is 99");
  },
);
