import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { assertBalance, messages } from "../kernel/filters.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { flood, sendUdp, startFlood } from "../kernel/traffic.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";
import { countRows, finish, rowsIn, startTask } from "./firewall_to_table.ts";
import { outage } from "./outage.ts";

const MISSING = HAS_NFT ? await noCluster() : "needs nft";

function test(name: string, fn: () => Promise<void>): void {
  testUnless(MISSING, name, fn);
}

/**
 * The most packets on their way to the spool: in the kernel's buffer (8 MiB, twice for its own
 * headers) and the ring's slots (8 of 512 KiB).
 */
const IN_FLIGHT = 60_000;

/** Number of kills; `deno task test:kills` takes more. */
const KILLS = Number(Deno.env.get("KILLS") ?? 6);

/** Returns a rule that logs packets to port 9. */
const logTo = (group: number) => nft([["output", `udp dport 9 counter log group ${group}`]]);

test("300,000 packets at full speed: none lost, none twice", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using rules = await logTo(951);
  await using nfscribe = await startTask({ group: 951, folder: folder.path, cluster });
  await flood(300_000);
  await until("all rows are there", async () => await rowsIn(cluster) >= 300_000, 60_000);
  const { counters } = await finish(nfscribe);
  assertEquals(await rules.count(), 300_000);
  assertBalance(counters, "nflog:951", 300_000);
  assertEquals(counters.sources["nflog:951"]!.lost, 0);
  assertEquals(counters.outputs.postgres!.written, 300_000);
  assertEquals(await countRows(cluster), { rows: 300_000, twice: 0 });
  assertEquals(
    [...Deno.readDirSync(`${folder.path}/spool`)].map(({ name }) => name),
    ["lock"],
    "a spool whose rows have arrived is empty",
  );
});

test("the server crashes and comes back in the middle of a flood: none lost, none twice", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using rules = await logTo(952);
  await using nfscribe = await startTask({ group: 952, folder: folder.path, cluster });
  const flooding = flood(300_000);
  for (let i = 0; i < 2; i++) {
    await delay(250);
    await cluster.stop("immediate");
    await cluster.restart();
  }
  await flooding;
  await until("all rows are there", async () => await rowsIn(cluster) >= 300_000, 60_000);
  const { counters, stderr } = await finish(nfscribe);
  assertEquals(await rules.count(), 300_000);
  assertEquals(counters.outputs.postgres!.written, 300_000);
  assertEquals(await countRows(cluster), { rows: 300_000, twice: 0 });
  const said = messages(stderr).join("\n");
  assert(/rows wait in the spool/.test(said), said);
  assert(/Connected to postgres:.* again after/.test(said), said);
});

test("connections are cut again and again: none lost, none twice", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using rules = await logTo(953);
  const postgres = "flush_rows = 5000";
  await using nfscribe = await startTask({ group: 953, folder: folder.path, cluster, postgres });
  const load = startFlood(72);
  for (let i = 0; i < 15; i++) {
    await delay(60 * Math.random());
    await cluster.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nfscribe'",
    );
  }
  await load.stop();
  const logged = await rules.count();
  await until("all rows are there", async () => await rowsIn(cluster) >= logged, 60_000);
  const { counters } = await finish(nfscribe);
  assertEquals(counters.outputs.postgres!.written, logged);
  assertGreater((counters.outputs.postgres as unknown as { retries: number }).retries, 0);
  assertEquals(await countRows(cluster), { rows: logged, twice: 0 });
});

test(`nfscribe is killed ${KILLS} times: no row twice, and the spool's rows are all there`, async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using rules = await logTo(954);
  const task = { group: 954, folder: folder.path, cluster };
  const runs: { startMs: number; logged: number }[] = [];
  for (let i = 0; i < KILLS; i++) {
    await using nfscribe = await startTask(task);
    const [startMs, before] = [Date.now(), await rules.count()];
    const load = startFlood(72);
    await delay(400 * Math.random());
    runs.push({ startMs, logged: await rules.count() - before });
    nfscribe.kill("SIGKILL");
    await load.stop();
  }
  await using last = await startTask(task);
  await until("the spool is empty", () => {
    const names = [...Deno.readDirSync(`${folder.path}/spool`)].map(({ name }) => name);
    return names.every((name) => name === "lock");
  });
  await finish(last);
  const { rows, twice } = await countRows(cluster);
  assertEquals(twice, 0);
  assertGreater(rows, 0);
  assertLess(rows, await rules.count());
  // Each session's rows are the first ones that it received, without a gap: only packets that had
  // not reached the spool at the kill are missing.
  const gaps = await cluster.sql(
    "SELECT session FROM packets GROUP BY session HAVING max(seq) - min(seq) + 1 <> count(*) OR min(seq) <> 0",
  );
  assertEquals(gaps, "");
  for (const [index, { startMs, logged }] of runs.entries()) {
    const endMs = runs[index + 1]?.startMs ?? Date.now();
    const kept = await cluster.sql(
      `SELECT count(*) FROM packets WHERE time BETWEEN to_timestamp(${
        startMs / 1000
      }) AND to_timestamp(${endMs / 1000})`,
    );
    assertGreater(Number(kept), logged - IN_FLIGHT, "packets that a run has lost");
  }
});

test("a server that is away at the start is waited for", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using _rules = await logTo(955);
  await cluster.stop();
  await using nfscribe = await startTask({ group: 955, folder: folder.path, cluster });
  sendUdp(1000);
  await delay(500);
  await cluster.restart();
  await until("all rows are there", async () => {
    const table = await cluster.sql("SELECT to_regclass('packets') IS NOT NULL");
    return table === "t" && await rowsIn(cluster) === 1000;
  });
  const { stderr } = await finish(nfscribe);
  const said = messages(stderr).join("\n");
  assert(/Cannot connect to postgres:.*rows wait in the spool/.test(said), said);
});

test("rows that the server refuses are put aside, and all others arrive", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using _rules = await logTo(956);
  const task = { group: 956, folder: folder.path, cluster };
  await finish(await startTask(task));
  await cluster.sql("ALTER TABLE packets ADD CONSTRAINT unlucky CHECK (seq % 1000 <> 13)");
  await using nfscribe = await startTask(task);
  sendUdp(5000);
  await until("the rows are there", async () => await rowsIn(cluster) === 4995);
  const { counters, stderr } = await finish(nfscribe);
  assertBalance(counters, "nflog:956", 5000);
  assertEquals(counters.outputs.postgres!.failed, 5);
  const lines = (await Deno.readTextFile(`${folder.path}/spool/quarantine.jsonl`)).trim().split(
    "\n",
  )
    .map((line) => JSON.parse(line));
  assertEquals(lines.map(({ columns }) => columns.seq), ["13", "1013", "2013", "3013", "4013"]);
  assertEquals(lines[0].code, "23514");
  assert(/unlucky/.test(lines[0].message), lines[0].message);
  assert(messages(stderr).some((line) => /refuses 5 of \d+ rows/.test(line)), stderr);
});

test("text that the database's encoding lacks is written with escapes", async () => {
  await using cluster = await Cluster.start({ encoding: "LATIN1" });
  await using folder = await temporaryFolder();
  await using _rules = await nft([
    ["output", `udp dport 9 log group 957 prefix "é ☃ "`],
    ["output", `udp dport 9 log group 957 prefix "é "`],
  ]);
  await using nfscribe = await startTask({ group: 957, folder: folder.path, cluster });
  sendUdp(10);
  await until("the rows are there", async () => await rowsIn(cluster) === 20);
  await finish(nfscribe);
  const prefixes = await cluster.sql(
    "SET client_encoding = 'UTF8'; SELECT prefix, count(*) FROM packets GROUP BY 1 ORDER BY 1",
  );
  assertEquals(prefixes, "\\xc3\\xa9 \\xe2\\x98\\x83 |10\né |10");
});

test("a full spool drops rows and counts them, or holds up the capture", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using _rules = await logTo(958);
  const postgres = `when_full = "drop"\nspool_limit = ${64 * 1024 * 1024}`;
  await using nfscribe = await startTask({ group: 958, folder: folder.path, cluster, postgres });
  await cluster.stop();
  await flood(500_000);
  const { counters, stderr } = await finish(nfscribe, 3);
  const { spooled, dropped } = counters.outputs.postgres!;
  assertGreater(spooled, 100_000);
  assertGreater(dropped, 10_000);
  assertBalance(counters, "nflog:958", 500_000);
  assert(
    messages(stderr).some((line) => /rows are dropped until there is room/.test(line)),
    stderr,
  );
  await cluster.restart();
  await using again = await startTask({ group: 958, folder: folder.path, cluster });
  await until(
    "the spool's rows are there",
    async () => await rowsIn(cluster) === spooled,
  );
  await finish(again);
});

test("the server is away for some seconds: all rows are there afterwards", async () => {
  const { logged, lost, rows, twice, memoryMb } = await outage(5, 50_000, 959);
  assertEquals({ lost, rows, twice }, { lost: 0, rows: logged, twice: 0 });
  assertLess(memoryMb, 200);
});
