import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { Clock } from "../../src/output/delivery/clock.ts";
import { PartitionMaintainer } from "../../src/output/postgres/sender/partition_maintainer.ts";
import { until } from "../system/process.ts";
import { DAY, DAY_MS, TABLE, testOnServer } from "./database.ts";
import { startSender } from "./sender_thread.ts";
import { row } from "./sending.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

const HOUR_MS = 3_600_000;
const [RETENTION, NOON] = [30, DAY * DAY_MS + DAY_MS / 2];

/** Returns a maintainer of days, with clocks that the test sets. */
function maintainer() {
  const time = { wallMs: NOON, elapsedMs: 5000 };
  const said: string[] = [];
  const record = (message: string) => void said.push(message);
  const clock = new Clock(() => time.wallMs, () => time.elapsedMs);
  const days = new PartitionMaintainer(TABLE, RETENTION, { info: record, warn: record }, clock);
  /** Lets time pass. */
  const pass = (ms: number) => {
    time.wallMs += ms;
    time.elapsedMs += ms;
  };
  return { days, said, pass, set: (byMs: number) => void (time.wallMs += byMs), time };
}

/** Returns a batch with a row of a time. */
function batch(timeMs: number) {
  const bytes = row({ timeMs });
  const head = { length: bytes.length, records: 1, crc: 0, timeMs, tag: 0, end: 0 };
  return { session: "", from: 0, to: 0, records: 1, frames: [bytes], heads: [head] };
}

await testOnServer("A clock that is set", {
  async "40 days ahead for an hour drops no day that was written since the start"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    const { days, said, pass, set, time } = maintainer();
    await days.check(sql);
    await days.prepare(sql, batch(NOON));
    await database.insert("2024-02-29 12:00Z");
    set(40 * DAY_MS);
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await days.check(sql);
      await days.prepare(sql, batch(time.wallMs));
      pass(5 * 60_000);
    }
    set(-40 * DAY_MS);
    await days.check(sql);
    assertEquals(await database.rowsByPartition(), "packets_20240229|1");
    assertStringIncludes(
      said[0]!,
      "The clock was set forward by 3456000 s: days past retention_days are dropped when it has",
    );
    assertStringIncludes(said.at(-1)!, "The clock was set back by 3456000 s");
  },

  async "makes the retention wait until it was steady for ten minutes"(database) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    const before = maintainer();
    before.set(-31 * DAY_MS);
    await before.days.check(sql);
    const { days, pass, set } = maintainer();
    const old = "packets_20240129";
    const isThere = async () => (await database.partitions()).includes(old);
    for (let minutes = 0; minutes < 9; minutes++, pass(60_000)) await days.check(sql);
    set(HOUR_MS);
    for (let minutes = 0; minutes < 9; minutes++, pass(60_000)) await days.check(sql);
    assertEquals(await isThere(), true);
    for (let minutes = 0; minutes < 2; minutes++, pass(60_000)) await days.check(sql);
    assertEquals(await isThere(), false);
  },

  async "at the start, and wrong for good, drops nothing where that is most of the table"(
    database,
  ) {
    const sql = database.as();
    await migrate(sql, PACKETS, TABLE, { create: true });
    for (let day = 9; day >= 0; day--) {
      const before = maintainer();
      before.set(-day * DAY_MS);
      await before.days.check(sql);
    }
    const { days, said, pass, set } = maintainer();
    set(40 * DAY_MS);
    await days.check(sql);
    for (let minutes = 0; minutes < 30; minutes++, pass(60_000)) await days.check(sql);
    assertEquals((await database.partitions()).includes("packets_20240220"), true);
    assertEquals(said.length, 2, said.join("\n"));
    assertStringIncludes(
      said[1]!,
      "The table's days: not dropped, though past retention_days, as it is most of the table: " +
        "packets_20240220, packets_20240221, ",
    );
    assertStringIncludes(said[1]!, "; if the clock is right, nfscribe db init drops them");
  },

  async "an hour back holds up no row"({ cluster, name }) {
    await using sender = await startSender(cluster.url(name), { flushMs: 1000 });
    const { numbers } = sender.spooler;
    sender.spooler.append(row(), 1);
    sender.setClock(-HOUR_MS);
    await until("the row is sent", () => numbers.waiting === 0, 10_000);
    sender.spooler.append(row(), 1);
    const start = performance.now();
    await until("the next one is sent", () => numbers.waiting === 0, 10_000);
    assertLess(performance.now() - start, 5000);
    await delay(1100);
    assertEquals(numbers.get("oldestMs"), 0);
    await sender.stop();
  },
});
