import { assertEquals, assertMatch } from "@std/assert";
import { temporaryFolder } from "../system/process.ts";
import { maintain } from "../../src/output/postgres/maintenance.ts";
import { DAY_MS, TABLE, testOnServer } from "./database.ts";
import { openWriter, row } from "./sending.ts";

/** Returns rows of so many days ago, as one batch. */
function batch(...daysAgo: number[]): [rows: Uint8Array, count: number] {
  const rows = daysAgo.map((days) => row({ timeMs: Date.now() - days * DAY_MS }));
  return [new Uint8Array(rows.flatMap((bytes) => [...bytes])), rows.length];
}

/** Returns the name of the partition of a day. */
const partition = (daysAgo: number) =>
  `packets_${
    new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")
  }`;

await testOnServer("Packets of older days, as of a capture file that is read", {
  async "Each comes into the partition of its day, before the run is over"(database) {
    await using folder = await temporaryFolder();
    const said: string[] = [];
    const record = (message: string) => void said.push(message);
    const url = database.cluster.url(database.name);
    const writer = await openWriter(url, folder.path, { info: record, warn: record });
    // One batch of several days, and one that begins with another.
    await writer.write(...batch(100, 50, 50, 0));
    await writer.write(...batch(7, 3000));
    await writer.close();
    assertEquals(writer.delivery.written, 6);
    assertEquals(
      await database.rowsByPartition(),
      [[3000, 1], [100, 1], [50, 2], [7, 1], [0, 1]]
        .map(([daysAgo, count]) => `${partition(daysAgo!)}|${count}`).join("\n"),
    );
    assertMatch(
      said.join("\n"),
      /The table's days: moved from the default partition to their days: 3 rows, to packets_/,
    );
  },

  async "Those past the retention get no partition, and wait where they are deleted later"(
    database,
  ) {
    await using folder = await temporaryFolder();
    const log = { info() {}, warn() {} };
    const url = database.cluster.url(database.name);
    const writer = await openWriter(url, folder.path, log, { retentionDays: 30 });
    await writer.write(...batch(100, 31, 20, 0));
    await writer.close();
    const kept = `${partition(20)}|1\n${partition(0)}|1`;
    // The clock may be wrong, and be set soon.
    assertEquals(await database.rowsByPartition(), `${kept}\npackets_default|2`);
    const work = { days: [], retentionDays: 30, nowMs: Date.now() };
    assertEquals(await maintain(database.as(), TABLE, work), [
      "deleted, as retention_days says: 2 rows of the default partition",
    ]);
    assertEquals(await database.rowsByPartition(), kept);
  },
});
