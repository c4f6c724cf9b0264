import { crc32 } from "node:zlib";
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { DiskQueue } from "../../src/buffer/disk_queue.ts";
import { must, temporaryFolder } from "./process.ts";

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

/** Leaves batches of 100 bytes, each filled with a number, as a run does. */
function fill(path: string, numbers: readonly number[]): void {
  using queue = open(path);
  for (const number of numbers) queue.push(new Uint8Array(100).fill(number), ONE);
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
  assertEquals(filesIn(path).length, 2);
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
  assertEquals([queue.packets, queue.oldPackets, queue.first?.isOld], [0, 2, true]);
  queue.push(new Uint8Array([3]), ONE);
  assertEquals([queue.packets, queue.oldPackets], [1, 2]);
  assertEquals(drain(queue), [1, "lost 7", 2, 3]);
  assertEquals([queue.packets, queue.oldPackets, queue.first], [0, 0, undefined]);
});

Deno.test("The torn end of a spool is cut off, and told", async () => {
  await using folder = await temporaryFolder();
  fill(folder.path, [1, 2, 3]);
  const file = `${folder.path}/${filesIn(folder.path)[0]}`;
  await Deno.truncate(file, 48 + 3 * 132 - 1);
  using queue = open(folder.path);
  const name = filesIn(folder.path)[0];
  assertEquals(queue.said, [
    `The spool's file ${name} ends in the middle of a frame: 1 records are lost`,
  ]);
  queue.push(new Uint8Array([9]), ONE);
  assertEquals(drain(queue), [1, 2, 9]);
  assertEquals(filesIn(folder.path), []);
});

Deno.test("Records around damage are written, then the file is set aside", async () => {
  await using folder = await temporaryFolder();
  fill(folder.path, [1, 2, 3]);
  const file = `${folder.path}/${filesIn(folder.path)[0]}`;
  const bytes = await Deno.readFile(file);
  const [name] = filesIn(folder.path);
  // Of the second batch one byte is wrong.
  bytes[48 + 132 + 32 + 50]! ^= 1;
  await Deno.writeFile(file, bytes);
  using queue = open(folder.path);
  queue.push(new Uint8Array([9]), ONE);
  assertEquals(drain(queue), [1, 3, 9]);
  assertEquals(queue.said, [
    `The spool's file ${name} is damaged: 1 records are lost`,
    `${file}: no more of it can be sent; it is now ${file}.damaged`,
  ]);
  assertEquals(await Deno.readFile(`${file}.damaged`), bytes);
});

Deno.test("A frame's length is bounded, however large its file says that it is", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/0000000001`;
  const head = new Uint8Array(16);
  new Uint32Array(head.buffer).set([3_000_000_000, 1, 0, 0]);
  await Deno.writeFile(file, head);
  // A hole: the file takes 4 kB of the disk.
  await Deno.truncate(file, 3_000_000_016);
  const before = Deno.memoryUsage().rss;
  using queue = open(folder.path);
  assertLess(Deno.memoryUsage().rss - before, 50e6);
  assertEquals(queue.isEmpty, true);
  assertEquals(queue.said.length, 3);
  assertEquals(queue.said[2], `${file}: no more of it can be sent; it is now ${file}.damaged`);
});

Deno.test("A frame that says another length once it is read is not believed", async () => {
  await using folder = await temporaryFolder();
  using queue = open(folder.path);
  // So large that they are not read together.
  for (const number of [1, 2]) queue.push(new Uint8Array(600_000).fill(number), ONE);
  assertEquals(queue.first?.bytes[0], 1);
  const [name] = filesIn(folder.path);
  const file = `${folder.path}/${name}`;
  using handle = await Deno.open(file, { write: true });
  await handle.seek(48 + 32 + 600_000 + 4, Deno.SeekMode.Start);
  await handle.write(new Uint8Array([0, 0, 0, 0xff]));
  queue.shift();
  assertEquals([queue.first, queue.isEmpty, queue.packets, queue.lost], [undefined, true, 0, 1]);
  assertEquals(queue.said, [
    `The spool's file ${name} is damaged: 600032 bytes are lost`,
    "Records in the spool cannot be read any more, and are lost: 1",
    `${file}: no more of it can be sent; it is now ${file}.damaged`,
  ]);
  queue.push(new Uint8Array([3]), ONE);
  assertEquals(drain(queue), [3]);
});

Deno.test("A file that another program cuts off while it grows holds up nothing", async () => {
  await using folder = await temporaryFolder();
  using queue = open(folder.path);
  for (const number of [1, 2]) queue.push(new Uint8Array(600_000).fill(number), ONE);
  await Deno.truncate(`${folder.path}/${filesIn(folder.path)[0]}`, 48);
  assertEquals([queue.first, queue.isEmpty], [undefined, true]);
  queue.push(new Uint8Array([3]), ONE);
  assertEquals(drain(queue), [3]);
  assertEquals([queue.packets, queue.lost], [0, 2]);
});

Deno.test("A note of a loss that nfscribe cannot have written is damage", async () => {
  await using folder = await temporaryFolder();
  for (const note of ['{"source":1}', "null", '{"source":"x","packets":1e300}', "[", "{}"]) {
    const bytes = new TextEncoder().encode(note);
    const head = new Uint32Array([bytes.length, 0, 0xffff_ffff, crc32(bytes)]);
    const file = `${folder.path}/0000000001`;
    await Deno.writeFile(file, new Uint8Array([...new Uint8Array(head.buffer), ...bytes]));
    using queue = open(folder.path);
    assertEquals(drain(queue), [], note);
    assertEquals(queue.said.length, 1, note);
  }
});

Deno.test("Links, pipes and folders in the place of files are set aside, without waiting", async () => {
  await using folder = await temporaryFolder();
  fill(folder.path, [1]);
  const [good] = filesIn(folder.path);
  await Deno.mkdir(`${folder.path}/0000000002`);
  await Deno.symlink(good!, `${folder.path}/0000000003`);
  await must(["mkfifo", `${folder.path}/0000000004`]);
  using queue = open(folder.path);
  assertEquals(
    queue.said,
    [["2", "a folder"], ["3", "a symbolic link"], ["4", "a named pipe"]].map(([digit, kind]) => {
      const path = `${folder.path}/000000000${digit}`;
      return `${path}: it is ${kind}, not a file; it is now ${path}.damaged`;
    }),
  );
  assertEquals(drain(queue), [1]);
});

Deno.test("Files with another name than nfscribe gives are set aside, or are not looked at", async () => {
  await using folder = await temporaryFolder();
  fill(folder.path, [1]);
  const strange = `${folder.path}/x.records`;
  await Deno.writeTextFile(strange, "");
  await Deno.writeTextFile(`${folder.path}/x.rows`, "");
  using queue = open(folder.path);
  assertEquals(queue.said, [
    `${strange}: nfscribe gives no file such a name; it is now ${strange}.damaged`,
  ]);
  assertEquals(drain(queue), [1]);
  assertEquals(filesIn(folder.path), ["x.records.damaged", "x.rows"]);
});

Deno.test("A lock that is no file is refused, without waiting", async () => {
  await using folder = await temporaryFolder();
  const lock = `${folder.path}/lock`;
  for (
    const [make, kind] of [
      [() => must(["mkfifo", lock]), "a named pipe"],
      [() => Deno.symlink(`${folder.path}/elsewhere`, lock), "a symbolic link"],
      [() => Deno.mkdir(lock), "a folder"],
    ] as const
  ) {
    await make();
    const error = assertThrows(() => open(folder.path), OutputError);
    assertEquals(
      error.message,
      `Cannot use the spool ${folder.path}: cannot open ${lock}: it is ${kind}, not a file; remove it`,
    );
    await Deno.remove(lock);
  }
  assertEquals([...Deno.readDirSync(folder.path)], []);
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
