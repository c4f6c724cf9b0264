import { assertEquals, assertLess, assertMatch, assertThrows } from "@std/assert";
import { delay } from "@std/async/delay";
import { DeliveryCounters } from "../../src/buffer/delivery_counters.ts";
import { FRAME_HEAD, FRAME_MOST, type Segment } from "../../src/buffer/segment_format.ts";
import { SegmentLog } from "../../src/buffer/segment_log.ts";
import type { Batch } from "../../src/buffer/segment_batch.ts";
import { SegmentReader } from "../../src/buffer/segment_reader.ts";
import { Following } from "../../src/output/delivery/following.ts";
import { temporaryFolder } from "./process.ts";

const WINDOW = FRAME_HEAD + FRAME_MOST;

/** Opens a log and its reader as a new session; `batchBytes` is the reader's. */
function open(folder: string, batchBytes?: number) {
  const said: string[] = [];
  const common = {
    folder,
    session: crypto.randomUUID() as string,
    counters: new DeliveryCounters(),
    warn: (message: string) => void said.push(message),
  };
  const onSegment = (segment: Segment) => reader.add(segment);
  const log = new SegmentLog({ ...common, suffix: ".rows", limit: 2 ** 30, onSegment });
  const bound = batchBytes === undefined ? {} : { batchBytes };
  const reader = new SegmentReader({ ...common, found: log.found, ...bound });
  const close = () => {
    reader.close();
    log.close();
  };
  return { log, reader, said, counters: common.counters, close };
}

/** Reads all that is there: tag and length of each frame. */
function readAll({ reader, counters }: ReturnType<typeof open>): string[] {
  const frames: string[] = [];
  for (let batch = next(reader); batch !== undefined; batch = next(reader)) {
    for (const [index, { tag, records }] of batch.heads.entries()) {
      frames.push(`${tag}x${batch.frames[index]!.length}`);
      if (reader.isLive) counters.add("written", records);
    }
    reader.arrived(batch);
  }
  return frames;
}

const next = (reader: SegmentReader): Batch | undefined => reader.next(1e9);

/** Leaves frames of lengths, whose bytes look like heads, as a session does. */
function leave(folder: string, lengths: readonly number[]): string {
  const { log } = open(folder);
  for (const [tag, length] of lengths.entries()) {
    log.write(new Uint8Array(length).fill(0x4e), 1, tag + 1);
  }
  log.close();
  return [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".rows"))!.name;
}

/** Returns a generator of numbers below a bound, the same ones each time. */
function numbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

Deno.test("Whatever is damaged, a reader of small batches finds the frames that one of large batches finds", async () => {
  const random = numbers(1);
  for (let round = 0; round < 12; round++) {
    await using folder = await temporaryFolder();
    const lengths = Array.from({ length: 12 }, () => 1 + random(round % 2 ? FRAME_MOST : 5000));
    const name = leave(folder.path, lengths);
    const bytes = await Deno.readFile(`${folder.path}/${name}`);
    for (let place = 0; place < 3; place++) {
      const at = 48 + random(bytes.length - 48);
      bytes.fill(random(256), at, at + random(round % 3 ? 40 : 2 * WINDOW));
    }
    const damaged = bytes.subarray(0, round % 4 ? bytes.length : bytes.length - random(3000));
    const found = [undefined, WINDOW].map((batchBytes) => {
      Deno.writeFileSync(`${folder.path}/${name}`, damaged);
      const opened = open(folder.path, batchBytes);
      const frames = readAll(opened);
      assertEquals(opened.log.used, 0);
      opened.close();
      return frames;
    });
    assertEquals(found[1], found[0], `round ${round}`);
    assertLess(found[0]!.length, 13);
  }
});

Deno.test("Each frame that is whole comes once, over many segments, while others are appended", async () => {
  await using folder = await temporaryFolder();
  const opened = open(folder.path, WINDOW);
  const random = numbers(2);
  const [expected, found]: string[][] = [[], []];
  for (let tag = 1; tag <= 300; tag++) {
    const length = 1 + random(FRAME_MOST / 2);
    opened.log.write(new Uint8Array(length), 1, tag);
    expected!.push(`${tag}x${length}`);
    if (random(4) === 0) found!.push(...readAll(opened));
    if (random(20) === 0) opened.log.endSegment();
  }
  found!.push(...readAll(opened));
  assertEquals(found, expected);
  assertEquals([opened.counters.waiting, opened.reader.isEmpty, opened.said], [0, true, []]);
  opened.close();
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["lock"]);
});

Deno.test("A position in an earlier session is where the reader goes on, also behind damage", async () => {
  await using folder = await temporaryFolder();
  const name = leave(folder.path, [100, 100, 100, 100]);
  using file = await Deno.open(`${folder.path}/${name}`, { write: true });
  await file.seek(48 + 132, Deno.SeekMode.Start);
  await file.write(new Uint8Array(10));
  const opened = open(folder.path);
  assertEquals(opened.reader.countOld(), 1, "as far as the heads of frames lead");
  assertEquals(opened.reader.skipTo(48 + 2 * 132), 1);
  assertEquals(opened.counters.get("written"), 0, "these are no records of this session");
  assertEquals(readAll(opened), ["3x100", "4x100"]);
  opened.close();
});

Deno.test("Frames of different logs in one folder are kept apart", async () => {
  await using folder = await temporaryFolder();
  const name = leave(folder.path, [10]);
  await Deno.rename(`${folder.path}/${name}`, `${folder.path}/${name.replace("rows", "records")}`);
  const opened = open(folder.path);
  assertEquals([opened.log.found, opened.said], [[], []]);
  opened.close();
});

Deno.test("What is appended after a failure is whole", async () => {
  await using folder = await temporaryFolder();
  const opened = open(folder.path);
  opened.log.write(new Uint8Array(10), 1, 1);
  const { writeSync } = Deno.FsFile.prototype;
  // A disk that is full within a frame.
  Deno.FsFile.prototype.writeSync = function (bytes) {
    if (bytes.length === 300) throw new Error("No space left on device");
    return writeSync.call(this, bytes.length === 500 ? bytes.subarray(0, 200) : bytes);
  };
  try {
    assertThrows(() => opened.log.write(new Uint8Array(500), 1, 2), Error, "No space left");
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
  opened.log.write(new Uint8Array(20), 1, 3);
  assertEquals(readAll(opened), ["1x10", "3x20"]);
  opened.close();
});

Deno.test("A file that grows and is cut by another program loses its end, which is counted", async () => {
  await using folder = await temporaryFolder();
  const opened = open(folder.path);
  for (let tag = 1; tag <= 4; tag++) opened.log.write(new Uint8Array(100), 10, tag);
  const [{ name }] = [...Deno.readDirSync(folder.path)].filter(({ name }) => name !== "lock") as [
    Deno.DirEntry,
  ];
  await Deno.truncate(`${folder.path}/${name}`, 48 + 2 * 132 + 5);
  assertEquals(readAll(opened), ["1x100", "2x100"]);
  opened.log.write(new Uint8Array(7), 1, 5);
  assertEquals(readAll(opened), ["5x7"]);
  assertEquals([opened.counters.waiting, opened.counters.get("lost")], [0, 20]);
  assertEquals(opened.said.slice(0, 1), [
    `The spool's file ${name} is damaged: its last 264 of 576 bytes cannot be read`,
  ]);
  assertEquals(opened.said.slice(-1), [
    "Records in the spool cannot be read any more, and are lost: 20",
  ]);
  opened.close();
});

Deno.test("A folder that another program removes is made anew, and nothing of an open file is lost", async () => {
  await using folder = await temporaryFolder();
  const spool = `${folder.path}/spool`;
  const opened = open(spool);
  opened.log.write(new Uint8Array(1), 1, 1);
  assertEquals(opened.reader.oldestMs! > 0, true, "the reader has it open");
  await Deno.remove(spool, { recursive: true });
  await delay(1100);
  opened.log.write(new Uint8Array(2), 1, 2);
  assertEquals(readAll(opened), ["1x1", "2x2"]);
  const [file, anew] = opened.said;
  assertMatch(file!, /^The spool's file .*\.rows was removed by another program; another one is/);
  assertEquals(
    anew,
    `The spool's folder ${spool} was removed by another program; it is made anew`,
  );
  assertThrows(() => open(spool), Error, "another process uses it");
  opened.close();
});

Deno.test("Batches behind one are read before it has arrived, full ones while the segment grows", async () => {
  await using folder = await temporaryFolder();
  const opened = open(folder.path, WINDOW);
  const { log, reader } = opened;
  const tags = (batch: Batch | undefined) => batch?.heads.map(({ tag }) => tag);
  const write = (tag: number) => log.write(new Uint8Array(FRAME_MOST / 4), 1, tag);
  for (let tag = 1; tag <= 9; tag++) write(tag);
  const first = next(reader)!;
  assertEquals(tags(first), [1, 2, 3]);
  const taken = new Following(reader, first, 1e9);
  assertEquals([taken.records, taken.readTo], [3, undefined]);
  assertEquals([tags(taken.read()), taken.to, taken.records], [[4, 5, 6], first.to, 3]);
  taken.take();
  assertEquals(taken.records, 6);
  // Less than a batch waits in a segment that may grow; more than are enough are not read.
  assertEquals([taken.isReady, taken.read()], [false, undefined]);
  write(10);
  write(11);
  assertEquals(taken.isReady, true);
  assertEquals(new Following(reader, first, 3).isReady, false);
  log.endSegment();
  write(12);
  assertEquals(tags(taken.read()), [7, 8, 9]);
  taken.take();
  assertEquals(tags(taken.read()), [10, 11]);
  taken.take();
  // A batch ends where its segment does.
  assertEquals([taken.isReady, taken.records], [false, 11]);
  const position = taken.to;
  taken.takeNone();
  assertEquals([taken.to, taken.records, taken.bytes], [first.from, 0, 0]);
  assertEquals(tags(next(reader)), [1, 2, 3]);
  reader.arrived({ to: position });
  assertEquals(tags(next(reader)), [12]);
  opened.close();
});
