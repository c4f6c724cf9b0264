import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { ipv6Text } from "../../src/packet/address.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { Expiry } from "../../src/output/sqlite/retention.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import { sqliteNeeds } from "../../src/output/sqlite/prepare.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import { hex } from "../packet/sample.ts";
import { canRun, deno, must, ROOT, until } from "../system/process.ts";
import { deliveryOptions, leave, row, rows, uint } from "./rows.ts";
import { place } from "./sqlite.ts";

const text = (value: string) => new TextEncoder().encode(value);
const DAY_MS = 86_400_000;

Deno.test("extremes of every column reach the file, and are text in a view", async () => {
  await using there = await place();
  await using writer = await there.open();
  const micros = uint(2 ** 53 - 1, 8);
  const columns = {
    host: text("gate"),
    session: hex("6f1d1f6e9d1e4b3e8f2a0123456789ab"),
    seq: uint(2 ** 32 - 1, 8),
    prefix: text("drop \u2603 'x'\n"),
    hook: uint(255, 2),
    hardware_source: hex("02005e100001"),
    ethertype: uint(65535, 4),
    source_address: hex("02200004 c0000201"),
    destination_address: hex("03800010 20010db8000000000000000000000001"),
    source_port: uint(65535, 4),
    length: uint(2 ** 31 - 1, 4),
    extra: text('\x01{"country":"DE"}'),
    payload: hex("00ff27"),
  };
  await writer.write(row(2 ** 32 - 1, 1_700_000_000_123, columns), 1);
  await writer.write(row(1, 0, { time: hex("7fffffffffffffff") }), 1);
  await writer.write(row(2, 0, { time: micros }), 1);
  await until("the rows are there", () => writer.delivery.written === 3);
  assertEquals(
    there.query(
      "SELECT time, host, session, seq, prefix, hook, mark, hardware_source, ethertype, " +
        "source_address, destination_address, source_port, length, extra, hex(payload) " +
        "FROM packets_text ORDER BY mark DESC LIMIT 1",
    ),
    [[
      "2023-11-14T22:13:20.123000Z",
      "gate",
      "6f1d1f6e-9d1e-4b3e-8f2a-0123456789ab",
      2 ** 32 - 1,
      "drop \u2603 'x'\n",
      255,
      2 ** 32 - 1,
      "02:00:5e:10:00:01",
      65535,
      "192.0.2.1",
      "2001:db8::1",
      65535,
      2 ** 31 - 1,
      '{"country":"DE"}',
      "00FF27",
    ]],
  );
  const times = there.query("SELECT time FROM packets_text ORDER BY mark LIMIT 2").flat();
  assertEquals(times, ["9999-12-31T23:59:59.999999Z", "2285-06-04T23:47:34.740991Z"]);
  assertEquals(there.query("SELECT ip_saddr, ip_daddr FROM ulog1"), []);
  assertEquals(
    there.query(
      "SELECT oob_prefix, oob_mark, ip_saddr_str, ip_daddr_str, mac_saddr_str FROM ulog ORDER BY oob_mark DESC LIMIT 1",
    ),
    [["drop \u2603 'x'\n", 2 ** 32 - 1, "192.0.2.1", "2001:db8::1", "02:00:5e:10:00:01"]],
  );
});

Deno.test("addresses are written as everywhere else, sort, and can be searched by network", async () => {
  await using there = await place();
  const addresses = [
    "00000000000000000000000000000000",
    "00000000000000000000000000000001",
    "00000000000000000000ffffc0000201",
    "20010db8000000000001000000000001",
    "20010db8000100000000000000010000",
    "ffffffffffffffffffffffffffffffff",
    "00010000000000000000000000000000",
    "0000000100020003000400050006000a",
    "fe800000000000000000000000000001",
    "20010db8000000010001000100010001",
  ];
  await using writer = await there.open();
  for (const address of addresses) {
    await writer.write(row(6, 0, { source_address: hex(`03800010 ${address}`) }), 1);
  }
  for (const address of ["c6336401", "c63364ff", "c6336501"]) {
    await writer.write(
      row(4, 0, { source_address: hex(`02200004 ${address}`), ethertype: uint(2048, 4) }),
      1,
    );
  }
  await until("the rows are there", () => writer.delivery.written === 13);
  assertEquals(
    there.query("SELECT source_address FROM packets_text WHERE mark = 6").flat(),
    addresses.map((address) => ipv6Text(hex(address), 0)),
  );
  assertEquals(
    there.query(
      "SELECT source_address FROM packets_text AS t WHERE mark = 4 AND EXISTS (SELECT 1 FROM packets " +
        "WHERE length(source_address) = 4 AND source_address BETWEEN x'c6336400' AND x'c63364ff')",
    ).length,
    3,
  );
  assertEquals(
    there.query(
      "SELECT hex(source_address) FROM packets WHERE length(source_address) = 4 " +
        "AND source_address BETWEEN x'c6336400' AND x'c63364ff' ORDER BY source_address",
    ),
    [["C6336401"], ["C63364FF"]],
  );
  assertEquals(there.query("SELECT ip_saddr FROM ulog1 ORDER BY 1 LIMIT 1"), [[0xc6336401]]);
});

Deno.test("the file is read by others while it is written, and not by everybody", async () => {
  await using there = await place();
  await using writer = await there.open();
  assertEquals((await Deno.stat(there.path)).mode! & 0o777, 0o640);
  for (let batch = 1; batch <= 20; batch++) {
    await writer.write(rows(100, batch * 100), 100);
    const [[count]] = there.query("SELECT count(*) FROM packets") as [[number]];
    assertEquals(count % 100, 0);
  }
  await until("the rows are there", () => writer.delivery.written === 2000);
  assertEquals(there.query("SELECT count(DISTINCT mark) FROM packets"), [[2000]]);
  if (canRun("sqlite3", "--version")) {
    const shell = ["sqlite3", "-readonly", there.path, "SELECT packets FROM packets_per_minute"];
    assertGreater(Number((await must(shell)).split("\n")[0]), 0);
  }
});

Deno.test("rows wait while another process holds the lock, and arrive once each", async () => {
  await using there = await place();
  await using writer = await there.open();
  {
    using other = there.database();
    other.exec("BEGIN IMMEDIATE");
    await writer.write(rows(1000), 1000);
    await until("the problem is seen", () => writer.problem !== undefined, 30_000);
    assert(/another process holds its lock/.test(writer.problem!.message), writer.problem!.message);
    assertEquals(writer.delivery.spooled, 1000);
    other.exec("ROLLBACK");
  }
  await until("the rows are there", () => writer.delivery.written === 1000, 30_000);
  await until("the problem is over", () => writer.problem === undefined);
  assertEquals(there.query("SELECT count(*), count(DISTINCT mark) FROM packets"), [[1000, 1000]]);
});

Deno.test("a file that is no database, and tables of others, are refused", async () => {
  await using there = await place();
  const refusal = async () => (await assertRejects(there.open, OutputError)).message;
  await Deno.writeTextFile(there.path, "x".repeat(5000));
  assertEquals(
    await refusal(),
    `Cannot write to ${there.path}: it is no SQLite database, or it is damaged; move it away, and ` +
      "rows go on into a new file; `sqlite3 FILE .recover` saves what can be read of it " +
      "(file is not a database)",
  );
  await Deno.remove(there.path);
  {
    using database = there.database();
    database.exec("CREATE TABLE packets (a)");
  }
  assertEquals(
    await refusal(),
    `Cannot use table packets of ${there.path}: something of that name is there, and nfscribe did ` +
      "not make it; choose another table or file",
  );
  await Deno.remove(there.path);
  {
    using database = there.database();
    database.exec("CREATE VIEW ulog AS SELECT 1 AS oob_time_sec");
  }
  assert((await refusal()).includes('"ulog" is there already'));
  await Deno.remove(there.path);
  await (await there.open()).close();
  {
    using database = there.database();
    database.exec("UPDATE nfscribe_tables SET version = 99");
  }
  assert((await refusal()).includes("it was made by a newer nfscribe (its version is 99"));
  await Deno.remove(there.path);
  await Deno.mkdir(there.path);
  assertEquals(await refusal(), `Cannot use ${there.path}: it is not a regular file`);
});

Deno.test("a file that is moved away is noticed, and rows go on into a new one", async () => {
  await using there = await place();
  await using writer = await there.open();
  await writer.write(rows(10), 10);
  await until("the rows are there", () => writer.delivery.written === 10);
  await Deno.rename(there.path, `${there.path}.old`);
  await writer.write(rows(10, 10), 10);
  await until("the rows are there", () => writer.delivery.written === 20, 30_000);
  // Those that are still in the spool go into the new file, too, as into one that was restored.
  const [[most, count, marks]] = there.query(
    "SELECT max(mark), count(*), count(DISTINCT mark) FROM packets",
  ) as [number[]];
  assertEquals([most, count], [19, marks]);
  using old = new DatabaseSync(`${there.path}.old`);
  assertEquals(old.prepare("SELECT count(*) AS rows FROM packets").get()!.rows, 10);
  assert(there.said.some((line) => line.includes("moved or removed it")), `${there.said}`);
});

Deno.test("a row that a trigger refuses goes to the quarantine, and holds up no other", async () => {
  await using there = await place();
  await (await there.open()).close();
  {
    using database = there.database();
    database.exec(
      "CREATE TRIGGER unlucky BEFORE INSERT ON packets WHEN new.mark = 13 " +
        "BEGIN SELECT raise(ABORT, 'unlucky'); END",
    );
  }
  await using writer = await there.open();
  await writer.write(rows(100), 100);
  await until("the others are there", () => writer.delivery.written === 99);
  assertEquals(writer.delivery.failed, 1);
  const line = JSON.parse(await Deno.readTextFile(`${there.spool}/quarantine.jsonl`));
  assertEquals([line.columns.mark, /unlucky/.test(line.message)], ["13", true]);
});

Deno.test("bytes in the spool that are no rows go to the quarantine, and rows into the table", async () => {
  await using there = await place();
  const good = row(1);
  const strange: Uint8Array[] = [
    new Uint8Array(300).fill(0x41),
    row(2).subarray(0, 60),
    row(3, 0, { hook: uint(1, 4) }),
    row(4, 0, { source_address: hex("0220") }),
    row(5, 0, { session: hex("00") }),
    row(6, 0, { extra: new Uint8Array(0) }),
    row(7, 0, { seq: uint(2 ** 40, 8).subarray(0, 7) }),
    row(8, 0, { seq: uint(2 ** 40, 8) }),
  ];
  leave(there.spool, [...strange, good].map((bytes) => [bytes, 1] as const));
  await using writer = await there.open();
  await until("they were looked at", () => writer.figures().quarantined! >= strange.length, 20_000);
  await until("the row is there", () => there.query("SELECT 1 FROM packets").length > 0);
  assertEquals(there.query("SELECT mark FROM packets"), [[1]]);
});

Deno.test("packets past the retention are deleted, and their space is given back", async () => {
  await using there = await place();
  const now = Date.now();
  {
    await using writer = await there.open();
    for (let batch = 0; batch < 30; batch++) {
      const days = batch < 10 ? 40 : 0;
      await writer.write(rows(1000, batch * 1000, now - days * DAY_MS), 1000);
    }
    await until("the rows are there", () => writer.delivery.written === 30_000);
  }
  const marks = () => there.query("SELECT min(mark), count(*) FROM packets")[0];
  using database = there.database();
  const expiry = (limits: ConstructorParameters<typeof Expiry>[1]) => {
    const expiry = new Expiry(database, limits);
    expiry.add(PACKETS, "packets");
    return expiry;
  };
  const size = Deno.statSync(there.path).size;
  assertEquals(expiry({}).isOn, false);
  assertEquals(expiry({ retentionDays: 50 }).deleteSome(now, true), 0);
  assertEquals(expiry({ retentionDays: 30 }).deleteSome(undefined, true), 0);
  assertEquals(expiry({ retentionDays: 30 }).isMostDue(now), false);
  assertEquals(expiry({ retentionDays: 30 }).isMostDue(now + 60 * DAY_MS), true);
  assertEquals(expiry({ retentionDays: 30 }).deleteSome(now, true), 10_000);
  assertEquals(marks(), [10_000, 20_000]);
  assertEquals(expiry({ retentionRows: 15_000 }).deleteSome(now, true), 5000);
  assertEquals(expiry({ retentionRows: 15_000 }).deleteSome(now, true), 0);
  assertEquals(marks(), [15_000, 15_000]);
  const bytes = expiry({ retentionBytes: 200_000 });
  while (bytes.deleteSome(now, true) > 0);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  assertLess(Deno.statSync(there.path).size, 260_000);
  assertGreater(size, 1_000_000);
});

Deno.test("a running output keeps to the number of rows", async () => {
  await using there = await place({ retentionRows: 5000 });
  await using writer = await there.open();
  for (let batch = 0; batch < 20; batch++) await writer.write(rows(1000, batch * 1000), 1000);
  await until("the newest are left", () => {
    const [[least, count]] = there.query("SELECT min(mark), count(*) FROM packets") as [number[]];
    return writer.delivery.written === 20_000 && least === 15_000 && count === 5000;
  }, 30_000);
});

Deno.test("nfscribe db makes the table and its indexes, and prints what it did", async () => {
  await using there = await place();
  const options = {
    path: there.path,
    table: "packets",
    flowsTable: "flows",
    countersTable: "counters",
    retentionRows: 1000,
  } as SqliteOptions;
  const printed: string[] = [];
  const database = new SqliteDatabase(options);
  await database.init((line) => printed.push(line));
  await database.index((line) => printed.push(line));
  await database.index((line) => printed.push(line));
  assertEquals(printed, [
    `${there.path}: table packets: made`,
    `${there.path}: table flows: made`,
    `${there.path}: table counters: made`,
    `${there.path}: index packets_source_address`,
    `${there.path}: index packets_destination_address`,
    `${there.path}: index flows_original_source`,
    `${there.path}: index flows_original_destination`,
    `${there.path}: table packets: both addresses have their indexes`,
    `${there.path}: table flows: both addresses have their indexes`,
  ]);
  if (!canRun("sqlite3", "--version")) return;
  const script = database.schema;
  const other = `${there.folder}/other.db`;
  await must(["sqlite3", other], script);
  const schema = [
    "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '%_address' AND name NOT LIKE 'flows_original_%' ORDER BY 2",
  ];
  assertEquals(
    await must(["sqlite3", other, ...schema]),
    await must(["sqlite3", there.path, ...schema]),
  );
});

const MAY_MOUNT = canRun(
  ...["unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"] as const,
);

Deno.test({
  name: "rows wait while the disk is full, and arrive once there is room",
  ignore: !MAY_MOUNT,
  async fn() {
    await using there = await place();
    const program = deno(
      ...["--allow-read", "--allow-write", "--allow-run=mount", "--unstable-worker-options"],
      ...[`${ROOT}tests/databases/sqlite_full_disk.ts`, there.folder],
    );
    await Deno.mkdir(`${there.folder}/disk`);
    const script = `mount -t tmpfs -o size=1m tmpfs '${there.folder}/disk' && ` +
      program.map((word) => `'${word}'`).join(" ");
    const said = await must(["unshare", "--map-root-user", "--mount", "sh", "-c", script]);
    const { problem, written, count, marks } = JSON.parse(said.trim().split("\n").at(-1)!);
    assert(/the disk is full/.test(problem), problem);
    assertEquals([written, count, marks], [20_000, 20_000, 20_000]);
  },
});

Deno.test({
  name: "another user's file in a folder for everybody is refused, and this user's is opened again",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using there = await place();
    await Deno.chmod(there.folder, 0o1777);
    await Deno.writeTextFile(there.path, "");
    await Deno.chown(there.path, 65534, 65534);
    const { message } = await assertRejects(() => there.open(), OutputError);
    assert(message.includes("it is a file of user 65534"), message);
    const path = `/tmp/nfscribe_${crypto.randomUUID()}.db`;
    const permissions = sqliteNeeds({ path, ...deliveryOptions(there.spool) });
    const reading = new SqliteDatabase(
      { path, table: "packets", flowsTable: "flows", countersTable: "counters" } as SqliteOptions,
    ).needs("read");
    for (const needs of [permissions, reading]) {
      // Without it it cannot be known whose file in /tmp it is.
      assert(needs.some(({ name, value }) => name === "sys" && value === "uid"));
    }
    assertEquals(reading.some(({ name }) => name === "write"), false);
  },
});

Deno.test("packets are not deleted because of what others have in the file", async () => {
  await using there = await place({ retentionBytes: 16 * 1024 * 1024 });
  await (await there.open()).close();
  using database = there.database();
  database.exec("CREATE TABLE others (bytes BLOB)");
  const bytes = new Uint8Array(17 * 1024 * 1024);
  database.prepare("INSERT INTO others VALUES (?)").run(bytes);
  await using writer = await there.open();
  await writer.write(rows(1000), 1000);
  await until("it is said", () => there.said.some((line) => line.includes("Other tables of")));
  assertEquals(there.query("SELECT count(*) FROM packets"), [[1000]]);
  database.exec("DELETE FROM others");
  database.prepare("INSERT INTO others VALUES (?)").run(bytes.subarray(0, 15 * 1024 * 1024));
  for (let part = 0; part < 10; part++) await writer.write(rows(5000), 5000);
  await until("some are deleted", () => {
    const [[count]] = there.query("SELECT count(*) FROM packets") as [[number]];
    return writer.delivery.written === 51_000 && count < 45_000 && count > 5000;
  }, 60_000);
});

Deno.test("a trigger that ends the transaction is named in the log", async () => {
  await using there = await place();
  await (await there.open()).close();
  using database = there.database();
  database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON packets
    BEGIN SELECT RAISE(ROLLBACK, 'not in this table'); END`);
  const writer = await there.open();
  await writer.write(rows(3), 3);
  await until("the problem is known", () => writer.problem !== undefined);
  assert(/ended the transaction: not in this/.test(writer.problem!.message), `${there.said}`);
  assertEquals(there.query("SELECT count(*) FROM packets"), [[0]]);
  database.exec("DROP TRIGGER refuse");
  await until("the rows are there", () => writer.delivery.written === 3, 30_000);
  await writer.close();
});
