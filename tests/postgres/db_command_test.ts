import { assertEquals, assertMatch } from "@std/assert";
import { run, temporaryFolder } from "../system/process.ts";
import { testOnServer } from "./database.ts";

const nfscribe = (...args: string[]) => run(["scripts/nfscribe", "db", ...args]);

await testOnServer("`nfscribe db` with just the rights that it needs", {
  async "init creates the table and its partitions, and logs it"(database) {
    const url = database.cluster.url(database.name);
    const first = await nfscribe("init", "--postgres", url);
    assertEquals([first.code, first.stderr], [0, ""]);
    assertMatch(
      first.stdout,
      /^(postgres:\/\/postgres@127.0.0.1:\d+\/\w+: table (packets|flows|counters): made\n {2}partitions: until \d{4}-\d\d-\d\d \(UTC\)\n){3}$/,
    );
    assertEquals((await database.partitions()).length, 10);
    const second = await nfscribe("init", "--postgres", url);
    assertMatch(second.stdout, /: up to date already\n/);
  },

  async "init and index use the configuration file"(database) {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/a file.toml`;
    await Deno.writeTextFile(
      file,
      `[output.far]\ntype = "postgres"\nurl = "${database.cluster.url(database.name)}"\n` +
        'table = "fire.wall"\nretention_days = 3\n[output.other]\ntype = "postgres"\n',
    );
    const which = ["-c", file, "--output", "far"];
    assertMatch((await nfscribe("init", ...which)).stdout, /table fire.wall: made/);
    await database.psql(
      `CREATE TABLE fire.wall_20240229 PARTITION OF fire.wall FOR VALUES FROM ('2024-02-29 00:00Z')
      TO ('2024-03-01 00:00Z'); COMMENT ON TABLE fire.wall_20240229 IS 'Made by nfscribe: test'`,
    );
    const { stdout } = await nfscribe("index", ...which);
    assertMatch(stdout, /: index on wall_20240229 \(source_address\)\n/);
    assertMatch((await nfscribe("init", ...which)).stdout, /dropped, as .*: wall_20240229\n/);
    assertEquals((await nfscribe("index", ...which)).code, 0);
    assertEquals(
      (await nfscribe("init", "-c", file)).stderr,
      `nfscribe: ${file} has several outputs of type postgres; name one: --output far or --output other\n` +
        "Try nfscribe db --help\n",
    );
  },

  async "init prints how many rows it deletes and moves"(database) {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/nfscribe.toml`;
    const url = database.cluster.url(database.name);
    await Deno.writeTextFile(file, `[output.postgres]\nurl = "${url}"\nretention_days = 30\n`);
    const init = async () => (await nfscribe("init", "-c", file)).stdout.split("\n").slice(1);
    await init();
    await database.psql(
      "INSERT INTO packets (time) SELECT now() - make_interval(days => 60) FROM generate_series(1, 30);" +
        "INSERT INTO packets (time) SELECT now() - make_interval(days => 20) FROM generate_series(1, 3)",
    );
    const [, deleted, moved] = await init();
    assertEquals(
      deleted,
      "  deleted, as retention_days says: 30 rows of the default partition",
    );
    assertMatch(
      moved!,
      /^ {2}moved from the default partition to their days: 3 rows, to packets_\d{8}$/,
    );
    assertMatch(
      (await init()).join(),
      /^ {2}partitions: until [^,]*(,[^,]*: table \w+: [^,]*,[^,]*){2},$/,
    );
    assertMatch(await database.rowsByPartition(), /^packets_\d{8}\|3$/);
  },

  async "schema prints what psql takes"(database) {
    const { stdout, stderr } = await nfscribe("schema", "--table", "firewall.log");
    assertEquals(stderr, "");
    await database.psql(stdout);
    assertEquals(await database.psql("SELECT count(*) FROM firewall.log_ulog"), "0");
    const url = database.cluster.url(database.name);
    const { stdout: init } = await nfscribe("init", "--postgres", url, "--table", "firewall.log");
    assertMatch(init, /: up to date already\n/);
  },

  async "Errors do not contain the password"(database) {
    const at = (user: string, name: string) =>
      `postgres://${user}:hunter2@127.0.0.1:${database.cluster.port}/${name}`;
    const stranger = await nfscribe("init", "--postgres", at("stranger", database.name));
    assertEquals(stranger.code, 1);
    assertEquals(
      stranger.stderr,
      "nfscribe: Cannot use table packets: permission denied for schema public; run nfscribe db " +
        'init as a role that may: see "Rights" in docs/postgres.md\n',
    );
    for (
      const url of [at("stranger", "nowhere"), at("nobody", "postgres"), "postgres://a:hunter2@[/"]
    ) {
      const { code, stderr } = await nfscribe("init", "--postgres", url);
      assertEquals([code > 0, stderr.includes("hunter2")], [true, false]);
      assertMatch(stderr, /^nfscribe: /);
    }
  },

  async "Invalid arguments are named"() {
    const said = async (...args: string[]) => (await nfscribe(...args)).stderr.split("\n")[0];
    assertEquals(
      await said("make"),
      'nfscribe: ACTION cannot be "make"; there is "init", "index", "migrate", "status", "import", "query", "schema"',
    );
    assertEquals(
      await said(),
      "nfscribe: ACTION is missing: init, index, migrate, status, import, query or schema",
    );
    assertEquals(
      await said("schema", "--table", "a-b"),
      "nfscribe: --table must be a table's name of letters, digits and _, as in packets or " +
        'firewall.packets, not "a-b"',
    );
    assertEquals(
      await said("schema", "--output", "x"),
      "nfscribe: --output names an output of a configuration file: name that, too, with -c",
    );
    await using folder = await temporaryFolder();
    const file = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(file, "[output.pcap]\npath = 'x'\n");
    assertEquals(
      await said("init", "-c", file),
      `nfscribe: ${file}: output: there is no output of type postgres, mysql, sqlite or clickhouse; add [output.postgres]`,
    );
    assertEquals(
      await said("init"),
      "nfscribe: There is no nfscribe.toml here, and no /etc/nfscribe/nfscribe.toml: name the configuration file with -c, or the database with --postgres, --mysql, --sqlite or --clickhouse",
    );
  },
});
