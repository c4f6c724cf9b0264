import { assertEquals, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { DiskQueue } from "../../src/pipeline/disk_queue.ts";
import { temporaryFolder } from "./process.ts";

const ONE = { packets: 1, emitted: 0 };
const LIMIT = 64 * 1024 * 1024;

/** Takes out all that waits: the first byte of each batch, and what was lost before it. */
function drain(queue: DiskQueue): (number | string)[] {
  const taken: (number | string)[] = [];
  for (let first = queue.first; first !== undefined; first = queue.first) {
    taken.push(first.loss === undefined ? first.bytes[0]! : `lost ${first.loss.packets}`);
    queue.shift();
  }
  return taken;
}

function open(path: string, limit = LIMIT): DiskQueue & { said: string[] } {
  const said: string[] = [];
  return Object.assign(DiskQueue.open(path, limit, (message) => said.push(message)), { said });
}

const filesIn = (path: string) =>
  [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => name !== "lock").sort();

Deno.test("Records come out of the spool in order, over several files, which are then removed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/spool`;
  using queue = open(path);
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  for (const number of numbers) {
    queue.push(new Uint8Array(300_000).fill(number), { packets: 2, emitted: 0 });
  }
  assertEquals(queue.packets, 200);
  assertEquals(filesIn(path).length, 4);
  assertEquals(drain(queue), numbers);
  assertEquals([queue.packets, queue.bytes, queue.isEmpty], [0, 0, true]);
  assertEquals(filesIn(path), []);
});

Deno.test("A spool takes no more than its limit", async () => {
  await using folder = await temporaryFolder();
  using queue = open(folder.path, 1000);
  assertEquals(queue.push(new Uint8Array(900), ONE), true);
  assertEquals(queue.push(new Uint8Array(900), ONE), false);
  queue.shift();
  assertEquals(queue.push(new Uint8Array(900), ONE), true);
});

Deno.test("What a run has left is there for the next one, with the notes of losses", async () => {
  await using folder = await temporaryFolder();
  {
    using queue = open(folder.path);
    queue.push(new Uint8Array([1]), ONE);
    queue.pushLoss({ source: "nflog:1", packets: 7, seconds: 1, nanoseconds: 2 });
    queue.push(new Uint8Array([2]), ONE);
  }
  using queue = open(folder.path);
  assertEquals([queue.packets, queue.oldPackets, queue.isFirstOld], [0, 2, true]);
  queue.push(new Uint8Array([3]), ONE);
  assertEquals([queue.packets, queue.oldPackets], [1, 2]);
  assertEquals(drain(queue), [1, "lost 7", 2, 3]);
  assertEquals([queue.packets, queue.oldPackets, queue.isFirstOld], [0, 0, false]);
});

Deno.test("The torn end of a spool is cut off, and told", async () => {
  await using folder = await temporaryFolder();
  {
    using queue = open(folder.path);
    for (const number of [1, 2, 3]) queue.push(new Uint8Array(100).fill(number), ONE);
  }
  const file = `${folder.path}/${filesIn(folder.path)[0]}`;
  const bytes = await Deno.readFile(file);
  // Of the second batch one byte is wrong: what follows cannot be believed.
  bytes[16 + 100 + 16 + 50]! ^= 1;
  await Deno.writeFile(file, bytes);
  using queue = open(folder.path);
  assertEquals(queue.said, [
    `${file}: the last 232 bytes were not a whole record and were cut off`,
  ]);
  queue.push(new Uint8Array([9]), ONE);
  assertEquals(drain(queue), [1, 9]);
});

Deno.test("Two processes cannot share a spool", async () => {
  await using folder = await temporaryFolder();
  using _queue = open(folder.path);
  const error = assertThrows(() => open(folder.path), OutputError);
  assertEquals(
    error.message,
    `Cannot use the spool ${folder.path}: another process uses it; stop that process, or choose another folder`,
  );
});
