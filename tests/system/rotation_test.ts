import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { delay } from "@std/async/delay";
import { ConfigError, OutputError } from "../../src/errors.ts";
import { pcapFile } from "nfscribe";
import { compress } from "../../src/output/file/compress.ts";
import { FileWriter } from "../../src/output/file/file_writer.ts";
import { openFile } from "../../src/output/file/open.ts";
import type { FileOptions } from "../../src/output/file/options.ts";
import { openPcapWriter } from "../../src/output/pcap/writer.ts";
import { PcapngWriter } from "../../src/output/pcap/pcapng_writer.ts";
import { gzipSync } from "node:zlib";
import { must, temporaryFolder, until } from "./process.ts";

const FORMAT = {
  header: new TextEncoder().encode("HEAD\n"),
  check: (_: unknown, size: number) => ({ end: size }),
};
/** A record of 1000 bytes. */
const RECORD = new TextEncoder().encode("x".repeat(999) + "\n");
const ENDED = /^f\.\d{8}T\d{6}Z(-\d+)?(\.gz)?$/;

async function open(options: FileOptions): Promise<FileWriter & { said: string[] }> {
  const said: string[] = [];
  const writer = await openFile(options, FORMAT, (message) => said.push(message));
  assert(writer instanceof FileWriter);
  return Object.assign(writer, { said });
}

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
const sizesIn = (path: string) =>
  namesIn(path).map((name) => Deno.statSync(`${path}/${name}`).size);

Deno.test("A file ends before it grows beyond its size; each begins with the header", async () => {
  await using folder = await temporaryFolder();
  {
    await using writer = await open({ path: `${folder.path}/f`, sync: true, rotateSize: 4096 });
    for (let n = 0; n < 10; n++) writer.write(RECORD);
  }
  assertEquals(sizesIn(folder.path), [2005, 4005, 4005]);
  assertEquals(namesIn(folder.path).filter((name) => ENDED.test(name)).length, 2);
  for (const name of namesIn(folder.path)) {
    assertEquals((await Deno.readTextFile(`${folder.path}/${name}`)).slice(0, 5), "HEAD\n");
  }
});

Deno.test("The oldest ended files are removed: by count, and by the size of all", async () => {
  for (const limit of [{ rotateKeep: 2 }, { totalSize: 12_288 }]) {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/f.other`, "not ours");
    {
      const path = `${folder.path}/f`;
      await using writer = await open({ path, sync: true, rotateSize: 4096, ...limit });
      for (let n = 0; n < 30; n++) writer.write(RECORD);
    }
    const ended = namesIn(folder.path).filter((name) => ENDED.test(name));
    assertEquals([limit, ended.length], [limit, 2]);
    assert(namesIn(folder.path).includes("f.other"));
  }
});

Deno.test("A file ends with its time, and the next one has its own time in its name", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f-{time}.log`;
  await using writer = await open({ path, sync: true, rotateSeconds: 1 });
  writer.write(RECORD);
  await until("two files", () => {
    writer.write(RECORD);
    return namesIn(folder.path).length > 1;
  });
  for (const name of namesIn(folder.path)) assert(/^f-\d{8}T\d{6}Z\.log$/.test(name), name);
});

Deno.test("A clock that is not the file system's rotates no more often", async () => {
  await using folder = await temporaryFolder();
  const { now } = Date;
  try {
    Date.now = () => now() + 40 * 86_400_000;
    const limits = { rotateSeconds: 86_400, rotateSize: 4096 };
    await using writer = await open({ path: `${folder.path}/f`, sync: true, ...limits });
    for (let n = 0; n < 20; n++) writer.write(RECORD);
  } finally {
    Date.now = now;
  }
  // Five by their size; it may be midnight in between.
  assertLess(namesIn(folder.path).length, 8);
});

Deno.test("Ended files are compressed, and read back as they were", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await using writer = await open({ path, sync: true, rotateSize: 4096, compress: "gzip" });
  for (let n = 0; n < 5; n++) writer.write(RECORD);
  await until(
    "it is compressed",
    () =>
      namesIn(folder.path).some((name) => name.endsWith("Z.gz")) &&
      namesIn(folder.path).length === 2,
  );
  const [packed] = namesIn(folder.path).filter((name) => name.endsWith(".gz"));
  assertEquals((await must(["zcat", `${folder.path}/${packed}`])).length, 4005);
});

Deno.test("Each ended file is compressed once, however fast they come and go", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.writeTextFile(`${path}.20200101T000000Z`, "older records");
  await Deno.writeTextFile(`${path}.20200101T000000Z.gz.part`, "left by a crash");
  const limits = { rotateSize: 4096, rotateKeep: 3, compress: "gzip" } as const;
  await using writer = await open({ path, sync: true, ...limits });
  writer.write(RECORD);
  await until(
    "what was there is compressed",
    () => namesIn(folder.path).join(" ") === "f f.20200101T000000Z.gz",
  );
  for (let n = 0; n < 60; n++) {
    writer.write(RECORD);
    await delay(1);
  }
  await until(
    "nothing is left to compress",
    () =>
      namesIn(folder.path).filter((name) => name.endsWith("Z.gz") || /-\d+\.gz$/.test(name))
        .length === 3,
  );
  assertEquals([namesIn(folder.path).length, writer.said], [4, []]);
});

Deno.test("A file that was moved away is reopened: at once when asked, else within a second", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await using writer = await open({ path, sync: true });
  writer.write(RECORD);
  await Deno.rename(path, `${path}.1`);
  writer.write(RECORD);
  assertEquals(sizesIn(folder.path), [2005]);
  writer.reopen();
  writer.write(RECORD);
  assertEquals(sizesIn(folder.path), [1005, 2005]);
  await Deno.remove(path);
  await delay(1050);
  writer.write(RECORD);
  assertEquals(sizesIn(folder.path), [1005, 2005]);
  assertEquals(writer.said, [`${path} was moved or removed; ${path} was reopened`]);
});

Deno.test("If a folder is gone the old file is used until it is back, logged once", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/deep/f`;
  await assertRejects(() => open({ path, sync: true }), OutputError, "its folder does not exist");
  await using writer = await open({ path, sync: true, makeFolders: true });
  await Deno.remove(`${folder.path}/deep`, { recursive: true });
  await Deno.writeTextFile(`${folder.path}/deep`, "a file in its place");
  for (let n = 0; n < 3; n++) {
    await delay(1010);
    writer.write(RECORD);
  }
  assertEquals(writer.said.length, 1);
  await Deno.remove(`${folder.path}/deep`);
  await delay(1010);
  writer.write(RECORD);
  assertEquals(sizesIn(`${folder.path}/deep`), [1005]);
});

Deno.test("pcapng files that follow each other are each whole", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  const options = {
    path,
    sync: true,
    format: "pcapng",
    linkType: "raw",
    rotateSize: 4096,
  } as const;
  {
    await using writer = await openPcapWriter(options, () => {}) as PcapngWriter;
    for (let n = 0; n < 200; n++) {
      await writer.lost({ source: "", packets: n, seconds: 1_700_000_000, nanoseconds: 0 });
    }
  }
  assert(namesIn(folder.path).length > 1);
  for (const name of namesIn(folder.path)) {
    // A file that cannot be continued would be refused.
    await using again = await openPcapWriter(
      { ...options, path: `${folder.path}/${name}` },
      () => {},
    );
    assert(again instanceof PcapngWriter);
  }
});

Deno.test("A symbolic link in a shared folder is not followed; another one is", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/secret`, "");
  await Deno.symlink(`${folder.path}/secret`, `${folder.path}/link`);
  {
    await using writer = await open({ path: `${folder.path}/link`, sync: true });
    writer.write(RECORD);
  }
  await Deno.chmod(folder.path, 0o1777);
  const error = await assertRejects(
    () => open({ path: `${folder.path}/link`, sync: true }),
    OutputError,
  );
  assertEquals(
    error.message,
    `Cannot open ${folder.path}/link: it is a symbolic link in ${folder.path}/, where every user may create one; name the file that is meant`,
  );
  assertEquals(Deno.statSync(`${folder.path}/secret`).size, 1005);
});

Deno.test("Nothing is written below free_space, after rotated files were removed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.writeTextFile(`${path}.20200101T000000Z`, "old");
  const options = { path, sync: true, rotateSize: 4096, freeSpace: 2 ** 50 };
  await using writer = await open(options);
  for (let n = 0; n < 2; n++) {
    assertThrows(() => writer.write(RECORD), OutputError, "less than free_space");
  }
  assertEquals(namesIn(folder.path), ["f"]);
});

Deno.test("New files have the mode that is asked for", async () => {
  await using folder = await temporaryFolder();
  for (const mode of ["0600", "0640", "0664"]) {
    const path = `${folder.path}/${mode}`;
    await using _writer = await open({ path, sync: true, mode });
    assertEquals(Deno.statSync(path).mode! & 0o777, Number.parseInt(mode, 8));
  }
});

Deno.test("A program may have files rotated, and reopened after it moved one", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await assertRejects(() => pcapFile("-", { rotateSize: 4096 }), ConfigError, "rotate_size");
  await using file = await pcapFile(path, { mode: "0600", rotateSize: 4096 });
  await Deno.rename(path, `${path}.1`);
  await file.reopen();
  assertEquals(sizesIn(folder.path), [24, 24]);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("Starts without a record leave no file, and remove none that holds records", async () => {
  for (const compress of ["none", "gzip"] as const) {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/f-{time}.log`;
    const options = { path, sync: true, rotateKeep: 2, compress };
    const old = ["f-20200101T000000Z.log", "f-20200101T000000Z-1.log", "f-20200102T000000Z.log"];
    for (const name of old) await Deno.writeTextFile(`${folder.path}/${name}`, "HEAD\nrecord\n");
    for (let start = 0; start < 5; start++) await (await open(options)).close();
    assertEquals(namesIn(folder.path), old.toSorted());
    await using writer = await open(options);
    writer.write(RECORD);
    // The oldest file is removed for the new one.
    assertEquals(namesIn(folder.path).length, 3);
    assert(!namesIn(folder.path).includes(old[0]!));
    assertEquals(writer.said, []);
  }
});

Deno.test("Nothing is compressed before the first record: until then nfscribe may not run as its user yet", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.writeTextFile(`${path}.20200101T000000Z`, "HEAD\nrecord\n");
  const options = { path, sync: true, rotateSize: 4096, compress: "gzip" } as const;
  await using writer = await open(options);
  await delay(200);
  assertEquals(namesIn(folder.path), ["f", "f.20200101T000000Z"]);
  writer.write(RECORD);
  await until(
    "it is compressed",
    () => namesIn(folder.path).join(" ") === "f f.20200101T000000Z.gz",
  );
});

Deno.test("Files without a record that killed runs left are removed, and do not count", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f-{time}.log`;
  const named = (day: number) => `${folder.path}/f-202001${day}T000000Z.log`;
  await Deno.writeTextFile(named(10), "HEAD\nrecord\n");
  await Deno.writeTextFile(named(11), "HEAD\n");
  await Deno.writeTextFile(named(12), "HE");
  await Deno.writeTextFile(named(13), "");
  await Deno.writeTextFile(named(14), "HEAD\n");
  await Deno.writeTextFile(named(15), "HEAD\nrecord\n");
  for (const day of [14, 15]) await must(["gzip", named(day)]);
  // A run without records still writes to its file.
  await using other = await open({ path, sync: true });
  const current = namesIn(folder.path).find((name) => !name.startsWith("f-2020"))!;
  await using writer = await open({ path, sync: true, rotateKeep: 2 });
  writer.write(RECORD);
  other.write(RECORD);
  const left = namesIn(folder.path);
  assertEquals(left.filter((name) => name.startsWith("f-2020")), [
    "f-20200110T000000Z.log",
    "f-20200115T000000Z.log.gz",
  ]);
  assertEquals([left.length, left.includes(current)], [4, true]);
});

Deno.test("A file that replaced one without records is not removed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f-{time}.log`;
  const first = await open({ path, sync: true });
  const [name] = namesIn(folder.path);
  await Deno.rename(`${folder.path}/${name}`, `${folder.path}/moved`);
  await Deno.writeTextFile(`${folder.path}/${name}`, "");
  await first.close();
  assertEquals(namesIn(folder.path), [name!, "moved"]);
});

Deno.test("A pipe in the place of a rotated file is not compressed, and blocks nothing", async () => {
  await using folder = await temporaryFolder();
  const ended = `${folder.path}/f.20200101T000000Z`;
  await must(["mkfifo", ended]);
  const signal = AbortSignal.timeout(2000);
  await assertRejects(() => compress(ended, signal), Error, "it is a named pipe, not a file");
  await Deno.remove(ended);
  await Deno.writeTextFile(`${folder.path}/secret`, "secret");
  await Deno.symlink(`${folder.path}/secret`, ended);
  await assertRejects(() => compress(ended, signal), Error, "it is a symbolic link");
  assertEquals(namesIn(folder.path), ["f.20200101T000000Z", "secret"]);
});

Deno.test("Neither what another run writes nor a gzip file with records is removed as ended", async () => {
  await using folder = await temporaryFolder();
  const written = `${folder.path}/f.20260101T000000Z`;
  await Deno.writeFile(written, RECORD);
  using other = await Deno.open(written, { write: true });
  await other.lock(true);
  // The last four bytes of a gzip file tell of its last member only.
  const packed = `${folder.path}/f.20260102T000000Z.gz`;
  await Deno.writeFile(
    packed,
    new Uint8Array([...gzipSync(RECORD), ...gzipSync(new Uint8Array())]),
  );
  const header = `${folder.path}/f.20260103T000000Z.gz`;
  await Deno.writeFile(header, gzipSync(FORMAT.header));
  {
    const path = `${folder.path}/f`;
    await using writer = await open({ path, sync: true, rotateSize: 4096 });
    for (let n = 0; n < 5; n++) writer.write(RECORD);
  }
  assertEquals([written, packed].map((path) => Deno.statSync(path).isFile), [true, true]);
  assertEquals(namesIn(folder.path).includes("f.20260103T000000Z.gz"), false);
  {
    const path = `${folder.path}/f`;
    await using writer = await open({ path, sync: true, rotateSize: 4096, rotateKeep: 1 });
    for (let n = 0; n < 9; n++) writer.write(RECORD);
  }
  assert(Deno.statSync(written).isFile, "the other run's file");
});

/** Has the clock show a time until it is disposed of. */
function clockAt(time: string): Disposable & { set(time: string): void } {
  const { now } = Date;
  const set = (time: string) => Date.now = () => Date.parse(time);
  set(time);
  return { set, [Symbol.dispose]: () => Date.now = now };
}

Deno.test("Files with a time in the future are removed before those that this run has written", async () => {
  for (const name of ["f", "f-{time}.log"]) {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/${name}`;
    const limits = { rotateSize: 4096, rotateKeep: 3 };
    {
      // The clock is wrong, and shows a year that is yet to come.
      using _clock = clockAt("2031-05-05T05:05:05Z");
      await using writer = await open({ path, sync: true, ...limits });
      for (let n = 0; n < 20; n++) writer.write(RECORD);
    }
    const before = namesIn(folder.path).filter((name) => name.includes("20310505"));
    assert(before.length >= 3, before.join());
    using _clock = clockAt("2026-11-28T00:00:00Z");
    await using writer = await open({ path, sync: true, ...limits });
    const said = /^\d rotated files have a time in the future in their names, such as f.*2031/;
    for (let n = 0; n < 40; n++) writer.write(RECORD);
    const left = namesIn(folder.path);
    assertEquals(left.filter((name) => name.includes("20310505")), [], name);
    assertEquals(left.length, 4);
    assertEquals([writer.said.length, said.test(writer.said[0]!)], [1, true], writer.said.join());
  }
});

Deno.test("A clock that is set back removes nothing newer than what it keeps", async () => {
  for (const name of ["f", "f-{time}.log"]) {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/${name}`;
    using clock = clockAt("2031-05-05T05:05:05Z");
    await using writer = await open({ path, sync: true, rotateSize: 4096, rotateKeep: 2 });
    for (let n = 0; n < 20; n++) writer.write(RECORD);
    clock.set("2026-11-28T00:00:00Z");
    for (let n = 0; n < 20; n++) writer.write(RECORD);
    assertEquals(namesIn(folder.path).filter((name) => name.includes("20310505")), [], name);
    assertEquals(writer.said, []);
  }
});

Deno.test("A clock of another zone is no reason to take files for old ones", async () => {
  await using folder = await temporaryFolder();
  using _clock = clockAt("2026-11-28T00:00:00Z");
  const path = `${folder.path}/f`;
  for (const day of ["20261101", "20261102"]) {
    await Deno.writeFile(`${path}.${day}T000000Z`, RECORD);
  }
  await Deno.writeFile(`${path}.20261128T100000Z`, RECORD);
  await using writer = await open({ path, sync: true, rotateSize: 4096, rotateKeep: 2 });
  for (let n = 0; n < 5; n++) writer.write(RECORD);
  assertEquals(namesIn(folder.path), ["f", "f.20261128T000000Z", "f.20261128T100000Z"]);
});

Deno.test("What a killed run left of compressed files is removed; other files of that kind stay", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  const ended = `${path}.20260101T000000Z`;
  const strange = [
    "f.gz.part",
    "g.20260101T000000Z.gz.part",
    "f.2026.gz.part",
    "f.20260103T000000Z.part",
  ];
  for (const name of strange) await Deno.writeTextFile(`${folder.path}/${name}`, "not ours");
  await Deno.writeTextFile(`${ended}.gz.part`, "left by a crash, its file is gone");
  await Deno.writeTextFile(`${path}.20260102T000000Z-1.gz.part`, "left by a crash");
  await Deno.symlink("f.gz.part", `${path}.20260103T000000Z.gz.part`);
  await Deno.writeTextFile(`${path}.20260104T000000Z.gz.part`, "another run writes it");
  using other = await Deno.open(`${path}.20260104T000000Z.gz.part`, { write: true });
  await other.lock(true);
  await using writer = await open({ path, sync: true, rotateSize: 4096 });
  writer.write(RECORD);
  const left = ["f.20260103T000000Z.gz.part", "f.20260104T000000Z.gz.part", "f", ...strange];
  assertEquals(namesIn(folder.path), left.toSorted());
});

Deno.test("A hard link in a folder where every user may create one is not written", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/shared`);
  const precious = `${folder.path}/precious`;
  await Deno.writeTextFile(precious, "HEAD\n");
  const path = `${folder.path}/shared/f`;
  await Deno.link(precious, path);
  await (await open({ path, sync: true })).close();
  await Deno.chmod(`${folder.path}/shared`, 0o1777);
  const error = await assertRejects(() => open({ path, sync: true }), OutputError);
  assertEquals(
    error.message,
    `Cannot open ${path}: it is a hard link to a file with 2 names, in ${folder.path}/shared/, where ` +
      "every user may create one; choose another folder, or remove it",
  );
  assertEquals(await Deno.readTextFile(precious), "HEAD\n");
});

Deno.test("A reader that locks an ended file does not keep it from being removed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await using writer = await open({ path, sync: true, rotateSize: 4096, rotateKeep: 1 });
  for (let n = 0; n < 5; n++) writer.write(RECORD);
  const [, ended] = namesIn(folder.path);
  using reader = await Deno.open(`${folder.path}/${ended}`);
  await reader.lock(true);
  for (let n = 0; n < 5; n++) writer.write(RECORD);
  assertEquals([namesIn(folder.path).length, namesIn(folder.path).includes(ended!)], [2, false]);
});
