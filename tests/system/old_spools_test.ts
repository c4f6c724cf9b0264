import { assertEquals } from "@std/assert";
import { DiskQueue } from "../../src/buffer/disk_queue.ts";
import { SegmentReader } from "../../src/buffer/segment_reader.ts";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { cutRows } from "../../src/output/table/parse_row.ts";
import { temporaryFolder } from "./process.ts";

/** Copies a spool that an earlier version has left. */
async function copySpool(kind: "queue" | "postgres", to: string): Promise<void> {
  const from = new URL(`../golden/spool/${kind}/`, import.meta.url);
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(new URL(name, from), `${to}/${name}`);
  }
}

const namesIn = (path: string) =>
  [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => name !== "lock").sort();

/** Takes out what waits, but for the last `left`. */
function drain(queue: DiskQueue, most = Infinity): string[] {
  const taken: string[] = [];
  for (let first = queue.first; first !== undefined && taken.length < most; first = queue.first) {
    const { bytes, packets, emitted, loss } = first;
    taken.push(
      loss === undefined
        ? `${packets} ${emitted} ${new TextDecoder().decode(bytes).trim()}`
        : `lost ${loss.packets} ${loss.source} ${loss.seconds}.${loss.nanoseconds}`,
    );
    queue.shift();
  }
  return taken;
}

/** Frames of the golden queue's files; the last of the second is damaged, of the third it is cut off. */
const QUEUE = [1, 2, 3].flatMap((file) => [
  `1 0 ${file}.1`,
  `lost 1${file} nflog:1 1767312000.${file}`,
  `1 1 ${file}.2\n${file}.2 script`,
  ...file === 1 ? [`1 0 ${file}.3`] : [],
]);

Deno.test("A queue that an earlier version has left is written once, before what is new", async () => {
  await using folder = await temporaryFolder();
  await copySpool("queue", folder.path);
  const said: string[] = [];
  {
    using queue = DiskQueue.open(folder.path, 2 ** 20, (message) => said.push(message));
    assertEquals([queue.packets, queue.oldPackets, queue.first?.isOld], [0, 8, true]);
    queue.push(new TextEncoder().encode("new"), { packets: 1, emitted: 0 });
    assertEquals(drain(queue), [...QUEUE, "1 0 new"]);
    assertEquals([queue.packets, queue.bytes, queue.lost, queue.isEmpty], [0, 0, 0, true]);
  }
  assertEquals(said, [
    "The spool's file 0000000002 is damaged: 1 records are lost",
    `${folder.path}/0000000002: no more of it can be sent; it is now ${folder.path}/0000000002.damaged`,
    "The spool's file 0000000003 ends in the middle of a frame: 1 records are lost",
  ]);
  assertEquals(namesIn(folder.path), ["0000000002.damaged"]);
  using queue = DiskQueue.open(folder.path, 2 ** 20, () => {});
  assertEquals(drain(queue), []);
});

Deno.test("Files of a queue that were written whole do not come again", async () => {
  await using folder = await temporaryFolder();
  await copySpool("queue", folder.path);
  {
    using queue = DiskQueue.open(folder.path, 2 ** 20, () => {});
    assertEquals(drain(queue, 5), QUEUE.slice(0, 5));
  }
  assertEquals(namesIn(folder.path), ["0000000002", "0000000003"]);
  using queue = DiskQueue.open(folder.path, 2 ** 20, () => {});
  assertEquals(drain(queue), QUEUE.slice(4));
});

Deno.test("Rows that an earlier version has spooled are read with their positions", async () => {
  await using folder = await temporaryFolder();
  await copySpool("postgres", folder.path);
  const [session, said] = [crypto.randomUUID(), [] as string[]];
  const log = { info() {}, warn: (message: string) => void said.push(message) };
  const options = { folder: folder.path, limit: 2 ** 26, sync: "off", whenFull: "drop" } as const;
  const spooler = new Spooler({ ...options, session }, log, () => {});
  const { found, numbers: counters } = spooler;
  const { warn } = log;
  const reader = new SegmentReader({ folder: folder.path, session, found, counters, warn });
  const batches = [];
  for (let batch = reader.next(1e6); batch !== undefined; batch = reader.next(1e6)) {
    const { session, from, to, records, heads, frames } = batch;
    batches.push([session.at(-1), from, to, records, heads.map(({ timeMs }) => timeMs % 1e5)]);
    assertEquals(frames.flatMap((frame) => cutRows([frame]).rows).length, records);
    reader.arrived(batch);
  }
  assertEquals(batches, [["a", 48, 664, 4, [1, 2, 3]], ["b", 48, 659, 3, [5, 6]]]);
  reader.close();
  spooler.close();
  assertEquals(namesIn(folder.path), []);
  const torn = "0001767312000004-00000000-0000-4000-8000-00000000000b-0000000000000000.rows";
  assertEquals(said, [
    `The spool's file ${torn} ends in the middle of a frame: 1 records are lost`,
  ]);
});
