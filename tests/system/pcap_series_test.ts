import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../src/errors.ts";
import { openCaptures } from "../../src/source/pcap/series.ts";
import pcapSource from "../../src/source/pcap/source.ts";
import { NOTHING_QUEUED, type Reader } from "../../src/source/source.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { packed } from "../source/pcap/packed.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { fileOf } from "./capture_file.ts";
import { must, run, temporaryFolder } from "./process.ts";

const HEADER = 24;
const recordOf = (size: number, fraction = 0) =>
  fileRecord(ipv4(17, udp(53, new Uint8Array(size))), { fraction });
const defaults = { follow: false, pace: "max" } as const;

/** Returns the lengths of all packets. */
async function lengthsOf(reader: Reader): Promise<number[]> {
  const lengths: number[] = [];
  const buffer = new Uint8Array(262_144);
  for (;;) {
    const length = reader.receive(buffer);
    if (length === NOTHING_QUEUED) {
      if (reader.ended) return lengths;
      await reader.wait();
      continue;
    }
    const words = new Uint32Array(buffer.buffer, 0, length / 4);
    for (let at = 0; at < words.length; at += (HEADER + words[at + 2]! + 3) >> 2) {
      lengths.push(words[at + 2]! - 28);
    }
  }
}

Deno.test("Several files are read in turn, whatever each is packed by", async () => {
  await using folder = await temporaryFolder();
  await using first = await fileOf(fileHeader(), recordOf(1), recordOf(2));
  await using second = await fileOf(await packed(concat(fileHeader(), recordOf(3))));
  await using third = await fileOf(fileHeader({ linkType: 1 }));
  await using last = await fileOf(fileHeader(), recordOf(4));
  const pipe = `${folder.path}/pipe`;
  await must(["mkfifo", pipe]);
  const writing = run(["cp", last.path, pipe]);
  const path = [first.path, second.path, third.path, pipe];
  const warnings: string[] = [];
  const reader = await openCaptures({ path, ...defaults }, (message) => warnings.push(message));
  await using _reader = reader;
  assertEquals(await lengthsOf(reader), [1, 2, 3, 4]);
  await writing;
  assertEquals(warnings, []);
});

Deno.test("A damaged file does not keep the next one from being read", async () => {
  await using first = await fileOf(fileHeader(), recordOf(1), recordOf(2).subarray(0, 20));
  await using second = await fileOf(fileHeader(), recordOf(3));
  const warnings: string[] = [];
  const path = [first.path, second.path];
  await using reader = await openCaptures({ path, ...defaults }, (text) => warnings.push(text));
  assertEquals(await lengthsOf(reader), [1, 3]);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, `${first.path} is damaged at byte`);
});

Deno.test("The recorded pace continues from file to file", async () => {
  await using first = await fileOf(fileHeader(), recordOf(1));
  await using second = await fileOf(fileHeader(), recordOf(2, 200_000));
  const path = [first.path, second.path];
  await using reader = await openCaptures({ path, follow: false, pace: "recorded" }, () => {});
  const start = performance.now();
  assertEquals(await lengthsOf(reader), [1, 2]);
  assertEquals(performance.now() - start > 190, true);
});

Deno.test("A stop ends the wait for a pipe without a writer", async () => {
  await using folder = await temporaryFolder();
  const pipe = `${folder.path}/pipe`;
  await must(["mkfifo", pipe]);
  await using first = await fileOf(fileHeader());
  await using reader = await openCaptures({ path: [first.path, pipe], ...defaults }, () => {});
  for (let n = 0; n < 2; n++) {
    if (n > 0) await reader.wait();
    assertEquals(reader.receive(new Uint8Array(262_144)), NOTHING_QUEUED);
    assertEquals(reader.ended, false);
  }
  const waiting = reader.wait();
  reader.stop();
  await waiting;
  assertEquals(reader.ended, true);
  // Releases the thread that opens it.
  await must(["sh", "-c", ': > "$0"', pipe]);
});

Deno.test("Errors of a later file are reported before the first is read", async () => {
  await using first = await fileOf(fileHeader(), recordOf(1));
  await using text = await fileOf(new TextEncoder().encode("# Not a capture file, but text\n"));
  const refused = async (path: string[], follow: boolean, message: string) => {
    const opening = () => openCaptures({ path, follow, pace: "max" }, () => {});
    assertEquals((await assertRejects(opening, InputError)).message, message);
  };
  const missing = `${first.path}.missing`;
  await refused(
    [first.path, missing],
    false,
    `Cannot read ${missing}: there is no such file; check the path`,
  );
  await refused(
    [first.path, text.path],
    false,
    `Cannot read ${text.path}: it is not a capture file in pcap or pcapng format; ` +
      "choose another file",
  );
  await refused(
    [first.path, text.path],
    true,
    `Cannot follow ${first.path}, ${text.path}: one file can grow at a time; ` +
      "name one of them, or leave `follow` out",
  );
});

Deno.test("Each file takes a right to read it, and standard input none", () => {
  const rights = (path: string | string[]) =>
    pcapSource.permissions({ path }).map(({ name, value }) => [name, value]);
  assertEquals(rights("a.pcap"), [["read", "a.pcap"]]);
  assertEquals(rights(["a", "-", "b"]), [["read", "a"], ["read", "b"]]);
});
