import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import type { SpoolOptions } from "../../src/output/delivery/spooler.ts";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { DiskQueue } from "../../src/buffer/disk_queue.ts";
import type { Segment } from "../../src/buffer/segment_format.ts";
import type { Batch } from "../../src/buffer/segment_batch.ts";
import { SegmentReader } from "../../src/buffer/segment_reader.ts";
import { canRun, deno, must, temporaryFolder } from "./process.ts";

const SESSIONS = [
  "00000000-0000-4000-8000-000000000001",
  "00000000-0000-4000-8000-000000000002",
] as const;
const MIB = 1024 * 1024;

/** Opens a spool and its reader, and collects their messages. */
function spoolIn(folder: string, options: Partial<SpoolOptions> = {}) {
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log = { info: tell, warn: tell };
  const session = options.session ?? SESSIONS[0];
  const readers: SegmentReader[] = [];
  const spooler = new Spooler(
    { folder, limit: 1024 * MIB, sync: "off", whenFull: "drop", session, ...options },
    log,
    (segment: Segment) => readers[0]?.add(segment),
  );
  const { found, numbers: counters } = spooler;
  const reader = new SegmentReader({ folder, session, found, counters, warn: log.warn });
  readers.push(reader);
  return { spooler, reader, said };
}

/** Rows of one byte, all the same. */
function rows(count: number, value: number): Uint8Array {
  return new Uint8Array(count).fill(value);
}

function textOf({ frames }: Batch): string {
  return frames.map((frame) => `${frame[0]}x${frame.length}`).join(" ");
}

/** Names of the files with rows. */
function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.includes(".rows")).sort();
}

Deno.test("a spool gives back what it was given, in order, and its files go", async () => {
  await using folder = await temporaryFolder();
  const { spooler, reader } = spoolIn(folder.path);
  assert(reader.isEmpty);
  for (let i = 0; i < 5; i++) assertEquals(spooler.append(rows(10, i), 10), undefined);
  assertEquals(spooler.numbers.waiting, 50);
  const first = reader.next(30)!;
  assertEquals([first.records, textOf(first)], [30, "0x10 1x10 2x10"]);
  assertEquals(textOf(reader.next(30)!), textOf(first), "it comes again until it has arrived");
  reader.arrived(first);
  const second = reader.next(30)!;
  assertEquals([second.records, textOf(second)], [20, "3x10 4x10"]);
  assertEquals(second.from, first.to);
  reader.arrived(second);
  assert(reader.isEmpty);
  assertEquals(reader.next(30), undefined);
  reader.close();
  spooler.close();
  assertEquals(filesIn(folder.path), []);
});

Deno.test("a spool goes on in a new file when one is large, and frees the old one", async () => {
  await using folder = await temporaryFolder();
  const { spooler, reader } = spoolIn(folder.path);
  for (let i = 0; i < 70; i++) spooler.append(rows(512 * 1024, i), 1);
  assertEquals(filesIn(folder.path).length, 3);
  const used = spooler.used;
  let value = 0;
  for (let batch = reader.next(1e6); batch !== undefined; batch = reader.next(1e6)) {
    for (const frame of batch.frames) assertEquals(frame[0], value++);
    reader.arrived(batch);
  }
  assertEquals(value, 70);
  assertEquals(filesIn(folder.path).length, 1);
  assert(spooler.used < used / 2);
  reader.close();
  spooler.close();
});

Deno.test("rows of an earlier session come first, and a torn end loses only itself", async () => {
  await using folder = await temporaryFolder();
  const earlier = spoolIn(folder.path);
  for (let i = 0; i < 3; i++) earlier.spooler.append(rows(100, i), 100);
  earlier.spooler.close();
  const [file] = filesIn(folder.path);
  const path = `${folder.path}/${file}`;
  await Deno.truncate(path, (await Deno.stat(path)).size - 1);

  const { spooler, reader, said } = spoolIn(folder.path, { session: SESSIONS[1] });
  spooler.append(rows(5, 9), 5);
  const old = reader.next(1000)!;
  assertEquals([old.session, textOf(old)], [SESSIONS[0], "0x100 1x100"]);
  assertEquals(said, [
    `The spool's file ${file} ends in the middle of a frame: 100 records are lost`,
  ]);
  reader.arrived(old);
  const own = reader.next(1000)!;
  assertEquals([own.session, textOf(own)], [SESSIONS[1], "9x5"]);
  spooler.numbers.add("written", own.records);
  reader.arrived(own);
  reader.close();
  spooler.close();
  assertEquals(said.length, 1);
  assertEquals(filesIn(folder.path), []);
});

Deno.test("damage in the middle loses only its frame, and the file is kept", async () => {
  await using folder = await temporaryFolder();
  for (
    const [offset, lost] of [[48 + 132 + 40, "100 records"], [48 + 132 + 3, "132 bytes"]] as const
  ) {
    const earlier = spoolIn(folder.path);
    for (let i = 0; i < 3; i++) earlier.spooler.append(rows(100, i), 100);
    earlier.spooler.close();
    const [file] = filesIn(folder.path);
    using handle = await Deno.open(`${folder.path}/${file}`, { write: true });
    await handle.seek(offset, Deno.SeekMode.Start);
    await handle.write(new Uint8Array([0]));
    const { spooler, reader, said } = spoolIn(folder.path, { session: SESSIONS[1] });
    const batch = reader.next(1000)!;
    assertEquals(textOf(batch), "0x100 2x100");
    assertEquals(reader.next(1000)?.records, 200);
    assertEquals(said, [`The spool's file ${file} is damaged: ${lost} are lost`]);
    reader.arrived(batch);
    reader.close();
    spooler.close();
    assertEquals(filesIn(folder.path), [`${file}.damaged`]);
    await Deno.remove(`${folder.path}/${file}.damaged`);
  }
});

/** Puts something into the place of a segment. */
const STRANGERS: readonly [kind: string, make: (path: string) => Promise<unknown>][] = [
  ["a named pipe", (path) => must(["mkfifo", path])],
  ["a folder", (path) => Deno.mkdir(path)],
  ["a symbolic link", (path) => Deno.symlink("/etc/hostname", path)],
];

for (const [kind, make] of STRANGERS) {
  Deno.test(`${kind} in the spool is set aside, and holds up no row`, async () => {
    await using folder = await temporaryFolder();
    const earlier = spoolIn(folder.path);
    earlier.spooler.append(rows(10, 1), 10);
    earlier.spooler.close();
    const name = filesIn(folder.path)[0]!.replace(/^\d+/, "0000000000000001");
    await make(`${folder.path}/${name}`);
    const { spooler, reader, said } = spoolIn(folder.path, { session: SESSIONS[1] });
    assertEquals(textOf(reader.next(1000)!), "1x10");
    const path = `${folder.path}/${name}`;
    assertEquals(said, [
      `${path}: it is ${kind}, not a file; it is now ${path}.damaged`,
    ]);
    reader.close();
    spooler.close();
  });

  Deno.test(`${kind} in the place of the lock ends the start, without waiting`, async () => {
    await using folder = await temporaryFolder();
    await make(`${folder.path}/lock`);
    assertThrows(() => spoolIn(folder.path), OutputError, `it is ${kind}, not a file; remove it`);
  });

  Deno.test(`${kind} in the place of the file that grows loses its rows only, with a message`, async () => {
    await using folder = await temporaryFolder();
    const { spooler, reader, said } = spoolIn(folder.path);
    spooler.append(rows(10, 1), 10);
    const [name] = filesIn(folder.path);
    const path = `${folder.path}/${name}`;
    await Deno.remove(path);
    await make(path);
    assertEquals(reader.oldestMs, 0);
    assertEquals(reader.next(1000), undefined);
    assertEquals(said, [
      `The spool's file ${name} is damaged: no record of it can be read: it is ${kind}, not a file`,
      `${path}: no more of it can be sent; it is now ${path}.damaged`,
    ]);
    for (let round = 0; round < 2; round++) {
      spooler.append(rows(5, 2), 5);
      const batch = reader.next(1000)!;
      assertEquals(textOf(batch), "2x5");
      spooler.numbers.add("written", batch.records);
      reader.arrived(batch);
    }
    spooler.numbers.set("unreadable", 0);
    // What was lost is known as soon as the next segment is begun.
    assertEquals(said.slice(2), [
      "Records in the spool cannot be read any more, and are lost: 10",
    ]);
    assertEquals([spooler.numbers.waiting, spooler.numbers.get("lost")], [0, 10]);
    for (let i = 0; i < 40; i++) spooler.append(rows(512 * 1024, 3), 1);
    for (let batch = reader.next(1e6); batch !== undefined; batch = reader.next(1e6)) {
      spooler.numbers.add("written", batch.records);
      reader.arrived(batch);
    }
    assertEquals([spooler.numbers.waiting, spooler.numbers.get("lost")], [0, 10]);
    reader.close();
    spooler.close();
    assertEquals(spooler.used, 0);
  });
}

Deno.test("a segment that is gone holds up no row", async () => {
  await using folder = await temporaryFolder();
  const earlier = spoolIn(folder.path);
  for (let i = 0; i < 40; i++) earlier.spooler.append(rows(512 * 1024, i), 1);
  earlier.spooler.close();
  const { spooler, reader, said } = spoolIn(folder.path, { session: SESSIONS[1] });
  await Deno.remove(`${folder.path}/${filesIn(folder.path)[0]}`);
  assertEquals(reader.next(1000)!.frames[0]![0], 32);
  assertEquals(said.length, 1);
  reader.close();
  spooler.close();
});

const UNBOUNDED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
const asUser = canRun(...UNBOUNDED, "true") ? UNBOUNDED : [];

Deno.test("what this user may not read waits for the next start, and holds up no other", async () => {
  await using folder = await temporaryFolder();
  const [spool, queue] = [`${folder.path}/rows`, `${folder.path}/queue`];
  for (const session of SESSIONS) {
    const earlier = spoolIn(spool, { session });
    earlier.spooler.append(rows(10, 1), 10);
    earlier.spooler.close();
  }
  for (const packets of [1, 2]) {
    using opened = DiskQueue.open(queue, MIB, () => {});
    opened.push(new Uint8Array(10), { packets, emitted: 0 });
  }
  const [file] = filesIn(spool);
  await Deno.chmod(`${spool}/${file}`, 0);
  const [waiting] = [...Deno.readDirSync(queue)].map(({ name }) => name)
    .filter((name) => name.endsWith(".records")).sort();
  await Deno.chmod(`${queue}/${waiting}`, 0);
  const program = deno("--allow-read", "--allow-write", "tests/system/open_spools.ts");
  const found = JSON.parse(await must([...asUser, ...program, spool, queue]));
  assertEquals([found.sessions, found.packets], [[SESSIONS[1]], 2]);
  assertEquals(found.used, 2 * (48 + 32 + 10));
  assertEquals(found.said, [
    `Cannot read ${spool}/${file}: the system denies it to this user; check the owner and the mode of the file; the records of that session wait for the next start`,
    `Cannot read ${queue}/${waiting}: the system denies it to this user; check the owner and the mode of the file; the records of that session wait for the next start`,
  ]);
  assertEquals(filesIn(spool).length, 2);
});

Deno.test("sessions whose names have too many digits are found again, and the next ones, too", async () => {
  await using folder = await temporaryFolder();
  const earlier = spoolIn(folder.path);
  earlier.spooler.append(rows(10, 1), 10);
  earlier.spooler.close();
  const name = filesIn(folder.path)[0]!;
  for (const digits of ["99999999999999999", "9999999999999999"]) {
    await Deno.rename(
      `${folder.path}/${filesIn(folder.path)[0]}`,
      `${folder.path}/${name.replace(/^\d+/, digits)}`,
    );
    const next = spoolIn(folder.path, { session: SESSIONS[1] });
    next.spooler.append(rows(5, 2), 5);
    next.spooler.close();
    const { spooler, reader } = spoolIn(folder.path, {
      session: "00000000-0000-4000-8000-000000000003",
    });
    assertEquals(spooler.found.map(({ session }) => session), [...SESSIONS]);
    const batch = reader.next(1000)!;
    assertEquals(textOf(batch), "1x10");
    reader.arrived(batch);
    assertEquals(textOf(reader.next(1000)!), "2x5");
    spooler.close();
    for (const file of filesIn(folder.path)) await Deno.remove(`${folder.path}/${file}`);
    await Deno.writeTextFile(`${folder.path}/x.rows`, "");
    const { said, spooler: last } = spoolIn(folder.path);
    assertEquals(said.length, 1, "what has no such name is set aside");
    last.append(rows(10, 1), 10);
    last.close();
    await Deno.remove(`${folder.path}/x.rows.damaged`);
  }
});

Deno.test("a segment with a hole of a terabyte takes neither time, memory nor the spool's room", async () => {
  await using folder = await temporaryFolder();
  const earlier = spoolIn(folder.path);
  earlier.spooler.append(rows(10, 1), 10);
  earlier.spooler.close();
  const [name] = filesIn(folder.path);
  await Deno.truncate(`${folder.path}/${name}`, 1e12);
  const { spooler, reader, said } = spoolIn(folder.path, { session: SESSIONS[1] });
  assertLess(spooler.used, 20 * MIB);
  const batch = reader.next(1000)!;
  assertEquals(textOf(batch), "1x10");
  reader.arrived(batch);
  assertEquals(reader.next(1000), undefined);
  assertEquals(said.length, 3);
  assertEquals(filesIn(folder.path), [`${name}.damaged`]);
  assertEquals(spooler.used, 0);
  reader.close();
  spooler.close();
});

Deno.test("skipTo() goes on where the database is", async () => {
  await using folder = await temporaryFolder();
  const { spooler, reader } = spoolIn(folder.path);
  for (let i = 0; i < 4; i++) spooler.append(rows(10, i), 10);
  const first = reader.next(20)!;
  assertEquals(reader.skipTo(-1), 0);
  assertEquals(reader.skipTo(first.to), 20);
  assertEquals(textOf(reader.next(20)!), "2x10 3x10");
  assertEquals(reader.skipTo(first.from), -20, "a database that was set back gets them again");
  assertEquals(textOf(reader.next(20)!), "0x10 1x10");
  reader.close();
  spooler.close();
});

Deno.test("a full spool drops rows, or waits until there is room", async () => {
  await using folder = await temporaryFolder();
  const { spooler, said } = spoolIn(folder.path, { limit: 1000 });
  spooler.append(rows(500, 1), 500);
  await spooler.append(rows(500, 2), 500);
  await spooler.append(rows(500, 2), 500);
  assertEquals([spooler.dropped, spooler.numbers.waiting, said.length], [1000, 500, 1]);
  spooler.close();
  await Deno.remove(`${folder.path}/${filesIn(folder.path)[0]}`);

  const waiting = spoolIn(folder.path, { limit: 1000, whenFull: "block" });
  waiting.spooler.append(rows(500, 1), 500);
  let done = false;
  const appended = Promise.resolve(waiting.spooler.append(rows(600, 2), 600)).then(() =>
    done = true
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(done, false);
  waiting.spooler.numbers.add("freed", 600);
  await appended;
  assertEquals([waiting.spooler.dropped, waiting.spooler.numbers.waiting], [0, 1100]);
  waiting.spooler.close();
});

Deno.test("a full spool is not waited for without end once the end is near", async () => {
  await using folder = await temporaryFolder();
  const { spooler } = spoolIn(folder.path, { limit: 1000, whenFull: "block" });
  spooler.append(rows(500, 1), 500);
  const appended = spooler.append(rows(600, 2), 600);
  spooler.hurry();
  await appended;
  assertEquals(spooler.dropped, 600);
  spooler.close();
});

Deno.test("a spool belongs to one process, and its folder must be one", async () => {
  await using folder = await temporaryFolder();
  const { spooler } = spoolIn(`${folder.path}/deep/spool`);
  assertThrows(() => spoolIn(`${folder.path}/deep/spool`), OutputError, "another process uses it");
  spooler.close();
  spoolIn(`${folder.path}/deep/spool`).spooler.close();
  await Deno.writeTextFile(`${folder.path}/file`, "");
  assertThrows(() => spoolIn(`${folder.path}/file`), OutputError, `Cannot use the spool`);
});
