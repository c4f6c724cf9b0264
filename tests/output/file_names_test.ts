import { assertEquals } from "@std/assert";
import { excessFiles, FileNames, stamp } from "../../src/output/file/names.ts";
import { fileNeeds } from "../../src/output/file/needs.ts";
import { fileProblems } from "../../src/output/file/options.ts";

const SECONDS = Date.UTC(2026, 10, 25, 6, 15, 0) / 1000;

Deno.test("A file without a time in its name gets one when it ends", () => {
  const names = new FileNames("/var/log/fw.pcap");
  assertEquals(names.current(SECONDS), "/var/log/fw.pcap");
  assertEquals(names.ended(SECONDS, 0), "/var/log/fw.pcap.20261125T061500Z");
  assertEquals(names.ended(SECONDS, 2), "/var/log/fw.pcap.20261125T061500Z-2");
  assertEquals(stamp(0), "19700101T000000Z");
});

Deno.test("A time in the name is that of the file's beginning", () => {
  const names = new FileNames("fw-{time}.pcap");
  assertEquals([names.folder, names.isTimed], ["", true]);
  assertEquals(names.current(SECONDS), "fw-20261125T061500Z.pcap");
  assertEquals(names.current(SECONDS, 1), "fw-20261125T061500Z-1.pcap");
});

Deno.test("Only the output's own files count as rotated ones", () => {
  const plain = new FileNames("a/fw.pcap");
  const own = [
    "fw.pcap.20261125T061500Z",
    "fw.pcap.20261125T061500Z-12",
    "fw.pcap.20261125T061500Z.gz",
  ];
  for (const name of own) assertEquals([name, plain.isEnded(name)], [name, true]);
  const others = [
    "fw.pcap",
    "fwxpcap.20261125T061500Z",
    "fw.pcap.20261125",
    "fw.pcap.20261125T061500Z.bz2",
    "fw.pcap.20261125T061500Z.gz.part",
    "old-fw.pcap.20261125T061500Z",
  ];
  for (const name of others) assertEquals([name, plain.isEnded(name)], [name, false]);
  const timed = new FileNames("fw-{time}.pcap");
  assertEquals(timed.isEnded("fw-20261125T061500Z.pcap.gz"), true);
  assertEquals(timed.isEnded("fw-x.pcap"), false);
});

Deno.test("Ended files are in the order of their times, then of their numbers", () => {
  const sorted = [
    "f.20261124T235959Z-3",
    "f.20261125T061500Z.gz",
    "f.20261125T061500Z-2",
    "f.20261125T061500Z-10",
  ];
  assertEquals(new FileNames("f").sort(sorted.toReversed()), sorted);
});

Deno.test("The oldest files go while there are too many, or too many bytes", () => {
  const files = [5, 4, 3].map((size) => ({ name: `${size}`, size }));
  const gone = (limits: { keep?: number; bytes?: number }) =>
    excessFiles(files, limits).map(({ name }) => name);
  assertEquals(gone({}), []);
  assertEquals(gone({ keep: 2 }), ["5"]);
  assertEquals(gone({ keep: 0 }), ["5", "4", "3"]);
  assertEquals(gone({ bytes: 12 }), []);
  assertEquals(gone({ bytes: 7 }), ["5"]);
  assertEquals(gone({ bytes: 6 }), ["5", "4"]);
  assertEquals(gone({ bytes: -1 }), ["5", "4", "3"]);
});

Deno.test("Options that do not fit a file are reported", () => {
  const keys = (options: Parameters<typeof fileProblems>[0]) =>
    fileProblems(options).map(({ key }) => key);
  assertEquals(keys({ path: "a" }), []);
  assertEquals(keys({ path: "-", rotateSize: 4096 }), ["rotate_size"]);
  assertEquals(keys({ path: "-", rotateSeconds: 1 }), ["rotate_seconds"]);
  assertEquals(keys({ path: "-", freeSpace: 4096 }), ["free_space"]);
  assertEquals(keys({ path: "a", rotateSize: 8192, totalSize: 4096 }), ["total_size"]);
  assertEquals(keys({ path: "{time}/a" }), ["path"]);
  assertEquals(keys({ path: "{time}{time}" }), ["path"]);
  assertEquals(keys({ path: "a", rotateKeep: 1, totalSize: 4096, compress: "gzip" }), [
    "rotate_keep",
    "total_size",
    "compress",
  ]);
  assertEquals(keys({ path: "a", rotateSize: 4096, rotateKeep: 1, compress: "gzip" }), []);
});

Deno.test("Files that are ended take rights to their folder, others to themselves", () => {
  const rights = (options: Omit<Parameters<typeof fileNeeds>[0], "sync">) =>
    fileNeeds({ sync: true, ...options }).map(({ name, value }) => `${name} ${value}`);
  assertEquals(rights({ path: "-" }), []);
  assertEquals(rights({ path: "/v/f" }), ["read /v/f", "write /v/f"]);
  for (const option of [{ rotateSize: 4096 }, { rotateSeconds: 60 }, { makeFolders: true }]) {
    assertEquals(rights({ path: "/v/f", ...option }), ["read /v/", "write /v/"]);
  }
  assertEquals(rights({ path: "f-{time}" }), ["read ./", "write ./"]);
  assertEquals(rights({ path: "/v/f", freeSpace: 4096 }).at(-1), "sys statfs");
});
