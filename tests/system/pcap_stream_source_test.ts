import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { InputError } from "../../src/errors.ts";
import { PcapReader } from "../../src/source/pcap/reader.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { packed, packedByZstd } from "../source/pcap/packed.ts";
import { Blocks } from "../source/pcap/pcapng_sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { fileOf, type Given, read, Taker } from "./capture_file.ts";
import { deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Returns a packet with so many bytes of data. */
const sized = (size: number) => ipv4(17, udp(53, new Uint8Array(size)));
const lengths = ({ packets }: Given) => packets.map(({ payload }) => payload!.length - 28);

/** Returns packets that do not compress well. */
function noisy(count: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, size) => {
    const data = sized(size);
    crypto.getRandomValues(data.subarray(28));
    return fileRecord(data);
  });
}

for (const [packer, pack] of [["gzip", packed], ["zstd", packedByZstd]] as const) {
  Deno.test(`A file that ${packer} packed is unpacked as it is read, whatever its name`, async () => {
    const records = noisy(3000);
    const bytes = concat(fileHeader(), ...records);
    await using file = await fileOf(await pack(bytes));
    const given = await read(file.path);
    assertEquals(lengths(given), records.map((_, size) => size));
    assertEquals(given.warnings, []);
    // Concatenated files, as `cat a.gz b.gz` makes them.
    const half = fileHeader().length + records.slice(0, 1500).reduce((sum, r) => sum + r.length, 0);
    await using two = await fileOf(await pack(bytes.slice(0, half)), await pack(bytes.slice(half)));
    assertEquals((await read(two.path)).packets.length, 3000);
  });

  Deno.test(`Truncated or damaged ${packer} data gives the packets before the damage`, async () => {
    const whole = await pack(concat(fileHeader(), ...noisy(1000)));
    // The second one is damaged near its end: zstd's checksum, or a length in gzip.
    for (
      const damaged of [whole.subarray(0, whole.length >> 1), whole.with(-3, whole.at(-3)! ^ 1)]
    ) {
      await using file = await fileOf(damaged);
      const { packets, warnings } = await read(file.path);
      assert(packets.length > 100 && packets.length <= 1000, `${packets.length}`);
      assertEquals(warnings.length, 1);
      assertMatch(warnings[0]!, /damaged at byte \d+ of the decompressed data: /);
    }
  });
}

Deno.test("gzip data damaged in the middle gives the packets before the damage", async () => {
  const whole = await packed(concat(fileHeader(), ...noisy(1000)));
  await using file = await fileOf(whole.with(whole.length >> 1, 0x55));
  const { packets, warnings } = await read(file.path);
  assert(packets.length > 100 && packets.length <= 1000, `${packets.length}`);
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /damaged at byte \d+ of the decompressed data: /);
});

Deno.test("pcapng names interfaces, in and out", async () => {
  const blocks = new Blocks();
  const outbound = [blocks.option(2, blocks.words(2))];
  await using file = await fileOf(
    blocks.section(),
    blocks.interface(101, [blocks.name("eth0")]),
    blocks.interface(12),
    blocks.packet(sized(1)),
    blocks.packet(sized(2), { options: outbound }),
    blocks.packet(sized(3), { id: 1 }),
    blocks.interface(1, [blocks.name("eth1")]),
    blocks.interface(127),
    blocks.packet(sized(4), { id: 3 }),
  );
  const { packets, warnings } = await read(file.path);
  assertEquals(
    packets.map(({ inDev, outDev }) => [inDev?.name, outDev?.name]),
    [["eth0", undefined], [undefined, "eth0"], [undefined, undefined]],
  );
  assertEquals(warnings.length, 2);
  assertStringIncludes(warnings[0]!, "has packets of link type 127, which are skipped");
  assertStringIncludes(warnings[1]!, "packets skipped for their link type: 1 (127)");
});

Deno.test("Standard input is read as it comes", async () => {
  const records = concat(fileHeader(), ...noisy(2000));
  await using file = await fileOf(records);
  await using small = await fileOf(await packed(records));
  await using smaller = await fileOf(packedByZstd(records));
  const command = deno(`${ROOT}tests/system/count_stdin.ts`);
  for (const path of [file.path, small.path, smaller.path]) {
    const piped = ["sh", "-c", `{ head -c 3; sleep 0.1; cat; } <"$0" | "$@"`, path, ...command];
    assertEquals(JSON.parse(await must(piped)), [2000, []]);
  }
});

Deno.test("A named pipe is read until its writer goes", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/pipe`;
  await must(["mkfifo", path]);
  await using file = await fileOf(fileHeader(), fileRecord(sized(4)), fileRecord(sized(5)));
  const writing = run(["sh", "-c", `{ head -c 90; sleep 0.1; cat; } <"$0" >"$1"`, file.path, path]);
  assertEquals(lengths(await read(path)), [4, 5]);
  await writing;
});

Deno.test("A growing file is read on, also where its end was half written", async () => {
  const bytes = concat(fileHeader(), ...[0, 1, 2].map((size) => fileRecord(sized(size))));
  await using file = await fileOf(bytes.subarray(0, 10));
  const taker = await Taker.open({ path: file.path, follow: true });
  await using reader = taker.reader;
  for (let at = 10; at < bytes.length; at += 7) {
    taker.take();
    await Deno.writeFile(file.path, bytes.subarray(at, at + 7), { append: true });
  }
  await taker.takeUntil(({ packets }) => packets.length === 3);
  assertEquals(lengths(taker.given), [0, 1, 2]);
  assertEquals(reader.ended, false);
  const waiting = reader.wait();
  reader.stop();
  await waiting;
  assertEquals(taker.given.warnings, []);
});

Deno.test("A growing file that is truncated or replaced is read from its beginning, with a warning", async () => {
  await using file = await fileOf(fileHeader(), fileRecord(sized(1)), fileRecord(sized(2)));
  const taker = await Taker.open({ path: file.path, follow: true });
  await using _reader = taker.reader;
  taker.take();
  await Deno.writeFile(file.path, concat(fileHeader(), fileRecord(sized(3))));
  await taker.takeUntil(({ packets }) => packets.length === 3);
  await Deno.rename(file.path, `${file.path}.1`);
  await taker.takeUntil(() => true);
  await Deno.writeFile(file.path, concat(fileHeader(), fileRecord(sized(4))));
  await taker.takeUntil(({ packets }) => packets.length === 4);
  await Deno.remove(`${file.path}.1`);
  assertEquals(lengths(taker.given), [1, 2, 3, 4]);
  assertEquals(taker.given.warnings, [
    `${file.path} was cut; it is read from its beginning`,
    `${file.path} was replaced by another file; it is read from its beginning`,
  ]);
});

Deno.test("At the recorded pace packets come with their pauses", async () => {
  const record = (size: number, fraction: number) => fileRecord(sized(size), { fraction });
  await using file = await fileOf(fileHeader(), record(1, 0), record(2, 0), record(3, 200_000));
  const taker = await Taker.open({ path: file.path, pace: "recorded" });
  await using reader = taker.reader;
  taker.take();
  assertEquals(lengths(taker.given), [1, 2]);
  const start = performance.now();
  await taker.takeUntil(() => false);
  assertEquals(lengths(taker.given), [1, 2, 3]);
  assert(performance.now() - start > 150);
  assertEquals(reader.ended, true);
});

Deno.test("At the recorded pace a stop ends the pause", async () => {
  const far = fileRecord(sized(2), { fraction: 4_000_000_000 });
  await using file = await fileOf(fileHeader(), fileRecord(sized(1)), far);
  const taker = await Taker.open({ path: file.path, pace: "recorded" });
  await using reader = taker.reader;
  taker.take();
  const waiting = reader.wait();
  reader.stop();
  await waiting;
  assertEquals(lengths(taker.given), [1]);
});

Deno.test("Inputs that cannot be followed are refused", async () => {
  const refused = async (path: string, message: string) => {
    const error = await assertRejects(
      () => PcapReader.open({ path, follow: true }, () => {}),
      InputError,
    );
    assertEquals(error.message, `Cannot read ${path}: ${message}`);
  };
  await using small = await fileOf(await packed(fileHeader()));
  await using smaller = await fileOf(packedByZstd(fileHeader()));
  for (const [{ path }, packer] of [[small, "gzip"], [smaller, "zstd"]] as const) {
    await refused(
      path,
      `it is compressed with ${packer}, and only uncompressed files can be followed; decompress it first`,
    );
  }
  await refused("/dev/null", "only a regular file can grow, and it is none; leave `follow` out");
});

Deno.test("Something other than a regular file in the place of a growing file is not opened, with a warning", async () => {
  await using file = await fileOf(fileHeader(), fileRecord(sized(1)), fileRecord(sized(2)));
  const taker = await Taker.open({ path: file.path, follow: true });
  await using _reader = taker.reader;
  taker.take();
  // The pipe has no writer: opening it would wait for ever.
  await Deno.truncate(file.path, 0);
  await Deno.rename(file.path, `${file.path}.1`);
  await must(["mkfifo", file.path]);
  await taker.takeUntil(({ warnings }) => warnings.length === 2);
  await Deno.remove(file.path);
  await Deno.writeFile(file.path, concat(fileHeader(), fileRecord(sized(3))));
  await taker.takeUntil(({ packets }) => packets.length === 3);
  await Deno.remove(`${file.path}.1`);
  assertEquals(lengths(taker.given), [1, 2, 3]);
  assertEquals(taker.given.warnings, [
    `${file.path} was cut; it is read from its beginning`,
    `${file.path} was replaced by something that is not a regular file; put a capture file there, ` +
    "and it is read from its beginning",
    `${file.path} was replaced by another file; it is read from its beginning`,
  ]);
});

Deno.test("A growing file may be changed at will: what cannot be read is waited for, and told once", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/capture`;
  const capture = (size: number) => concat(fileHeader(), fileRecord(sized(size)));
  const put = async (bytes: Uint8Array) => {
    await Deno.writeFile(`${path}.new`, bytes);
    await Deno.rename(`${path}.new`, path);
  };
  await Deno.writeFile(path, capture(1));
  const taker = await Taker.open({ path, follow: true });
  await using reader = taker.reader;
  const waits = (words: string) =>
    taker.takeUntil(({ warnings }) => warnings.at(-1)!.startsWith(`${path} ${words}`));
  taker.take();
  // A link to itself.
  await Deno.symlink("capture", `${path}.new`);
  await Deno.rename(`${path}.new`, path);
  await waits("cannot be read: ");
  await new Promise((resolve) => setTimeout(resolve, 300));
  taker.take();
  await put(capture(2));
  await taker.takeUntil(({ packets }) => packets.length === 2);
  await put(new TextEncoder().encode("no capture ".repeat(100)));
  await waits(
    "is not read until another file takes its place, or it is cut: it is not a capture file",
  );
  await Deno.writeFile(path, capture(3));
  await taker.takeUntil(({ packets }) => packets.length === 3);
  await put(concat(capture(4), new Uint8Array(64).fill(0xff)));
  await waits("is damaged at byte");
  await Deno.writeFile(path, capture(9), { append: true });
  taker.take();
  await put(capture(5));
  await taker.takeUntil(({ packets }) => packets.length === 5);
  assertEquals([lengths(taker.given), reader.ended], [[1, 2, 3, 4, 5], false]);
  const begun = "it is read from its beginning";
  const until = "until another file takes its place, or it is cut";
  const [link, , , text, , , damage] = taker.given.warnings;
  assertEquals(taker.given.warnings.length, 8, taker.given.warnings.join("\n"));
  assertMatch(link!, /cannot be read: .*; it is read once that is possible$/);
  assertEquals(taker.given.warnings[1], `${path} was replaced by another file; ${begun}`);
  assertStringIncludes(text!, until);
  assertStringIncludes(damage!, `whole records before it: 4; nothing after it is read, ${until}`);
});

Deno.test("Who changes a growing file all the time does not fill the log", async () => {
  await using file = await fileOf(fileHeader(), fileRecord(sized(1)));
  const taker = await Taker.open({ path: file.path, follow: true });
  await using _reader = taker.reader;
  taker.take();
  for (let n = 0; n < 30; n++) {
    await Deno.writeTextFile(file.path, "x".repeat(n % 2 === 0 ? 50 : 10));
    taker.take();
  }
  assertEquals(taker.given.warnings.length, 8);
  assertMatch(taker.given.warnings.at(-1)!, /; no more is logged of it until a packet is read$/);
});

Deno.test("A file that is no capture cannot be followed from the start", async () => {
  await using file = await fileOf(new TextEncoder().encode("no capture ".repeat(9)));
  await assertRejects(
    () => PcapReader.open({ path: file.path, follow: true }, () => {}),
    InputError,
    "it is not a capture file",
  );
});
