import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { WallClock } from "../../ffi/clock.ts";
import { errnoText } from "../../ffi/errno.ts";
import { libc, libcPaths } from "../../ffi/libc.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { temporaryFolder } from "./process.ts";

Deno.test("the C library is opened once", () => {
  assert(libc() === libc());
});

Deno.test("the C library that is opened is the one that Deno itself is linked with", () => {
  libc();
  const mapped = new Set(
    readProcFile("/proc/self/maps")!.split("\n").map((line) => line.split(/\s+/)[5] ?? "")
      .filter((path) => /\/(libc\.so|libc-|ld-musl|libc\.musl)/.test(path)),
  );
  assertEquals(mapped.size, 1, [...mapped].join(", "));
  assert(libcPaths(Deno.build).length > 0);
});

Deno.test("WallClock returns the time of Date.now(), but finer", () => {
  const clock = new WallClock();
  let finer = false;
  for (let i = 0; i < 100; i++) {
    const before = Date.now();
    clock.read();
    const after = Date.now();
    const { seconds, nanoseconds, milliseconds } = clock;
    assert(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds < 1e9);
    assert(
      before <= milliseconds && Math.floor(milliseconds) <= after,
      `${before} ${milliseconds}`,
    );
    assertEquals(Math.floor(milliseconds / 1000), seconds);
    finer ||= nanoseconds % 1_000_000 !== 0;
  }
  assert(finer);
});

Deno.test("WallClock stands still until it is read again", async () => {
  const clock = new WallClock();
  assertEquals(clock.milliseconds, 0);
  clock.read();
  const first = clock.milliseconds;
  await delay(5);
  assertEquals(clock.milliseconds, first);
  clock.read();
  assert(clock.milliseconds > first);
});

Deno.test("readProcFile() reads a file of the kernel", () => {
  assertStringIncludes(readProcFile("/proc/self/status")!, `\nPid:\t${Deno.pid}\n`);
});

Deno.test("readProcFile() reads a long file whole, characters across its buffer's edge included", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/long`;
  const text = "€".repeat(20_000);
  await Deno.writeTextFile(file, text);
  assert(readProcFile(file) === text);
});

Deno.test("readProcFile() distinguishes an empty file from an unreadable one", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/empty`, "");
  assertEquals(readProcFile(`${folder.path}/empty`), "");
  assertEquals(readProcFile(`${folder.path}/absent`), undefined);
  assertEquals(readProcFile(folder.path), undefined);
});

Deno.test("readProcFile() leaves no descriptor open", () => {
  // Each open file takes the lowest free number, so a leak would use up new ones.
  const count = () => Number(readProcFile("/proc/self/status")!.match(/^FDSize:\s*(\d+)$/m)![1]);
  const before = count();
  for (let i = 0; i < 2 * before; i++) {
    readProcFile("/proc/self/comm");
    readProcFile("/proc/self");
  }
  assertEquals(count(), before);
});

Deno.test("an error number has a name, the commonest also a text", () => {
  assertEquals(errnoText(1), "operation not permitted (EPERM)");
  assertEquals(errnoText(5), "EIO");
  assertEquals(errnoText(4711), "errno 4711");
});
