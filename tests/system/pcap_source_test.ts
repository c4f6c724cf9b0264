import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../src/errors.ts";
import { Packet } from "../../src/packet/packet.ts";
import { PcapReader } from "../../src/source/pcap/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileOf, read } from "./capture_file.ts";

/** Returns a packet with so many bytes of data. */
const sized = (size: number) => ipv4(17, udp(53, new Uint8Array(size)));

Deno.test("Both byte orders and both units give the same packets and times", async () => {
  for (const littleEndian of [true, false]) {
    for (const [magic, fraction] of [[0xa1b2c3d4, 123_456], [0xa1b23c4d, 123_456_789]] as const) {
      await using file = await fileOf(
        fileHeader({ littleEndian, magic }),
        fileRecord(sized(4), { littleEndian, fraction }),
        fileRecord(sized(7), { littleEndian, fraction: 0 }),
      );
      const { packets, warnings } = await read(file.path);
      assertEquals(packets.map(({ timestamp }) => timestamp), [
        1_700_000_000_123_456,
        1_700_000_000_000_000,
      ]);
      assertEquals(packets.map(({ payload }) => payload), [sized(4), sized(7)]);
      assertEquals(warnings, []);
      const expected = magic === 0xa1b2c3d4 ? 123_456_000 : 123_456_789;
      assertEquals(Packet.rawOf(packets[0]!).nanoseconds, expected);
    }
  }
});

Deno.test("A fraction of more than a second counts as seconds", async () => {
  await using file = await fileOf(fileHeader(), fileRecord(sized(4), { fraction: 2_500_000 }));
  assertEquals((await read(file.path)).packets[0]?.time, 1_700_000_002_500_000);
});

Deno.test("A file without packets ends at once, without a warning", async () => {
  await using file = await fileOf(fileHeader());
  const { packets, warnings, batches, received } = await read(file.path);
  assertEquals([packets, warnings, batches, received], [[], [], [], 0]);
});

Deno.test("As many whole records as fit come at a time; a longer file comes in several reads", async () => {
  const records = Array.from({ length: 3000 }, (_, n) => fileRecord(sized(n)));
  await using file = await fileOf(fileHeader(), ...records);
  const { packets, batches, warnings } = await read(file.path);
  assertEquals(packets.length, 3000);
  packets.forEach((packet, n) => assertEquals(packet.payload?.length, 28 + n));
  assertEquals(warnings, []);
  assertEquals(batches.every((length) => length <= DATAGRAM_MAX), true);
  assertEquals(batches.slice(0, -1).every((length) => length > DATAGRAM_MAX - 4000), true);
});

Deno.test("A record that no buffer has room for is cut", async () => {
  await using file = await fileOf(
    fileHeader(),
    fileRecord(sized(2000)),
    fileRecord(sized(4)),
    fileRecord(new Uint8Array(262144).fill(0x45)),
    fileRecord(sized(5)),
  );
  const small = await read(file.path, 1024);
  assertEquals(small.packets.map(({ payload }) => payload?.length), [1000, 32, 1000, 33]);
  const large = await read(file.path);
  assertEquals(large.packets.map(({ payload }) => payload?.length), [2028, 32, 262120, 33]);
});

Deno.test("A truncated file gives its whole records, then reports its end", async () => {
  const whole = concat(fileHeader(), fileRecord(sized(4)), fileRecord(sized(4)));
  for (
    const [length, reason] of [
      [whole.length - 1, "47 of the 48 bytes of a record"],
      [whole.length - 33, "15 of the 16 bytes of a record's header"],
    ] as const
  ) {
    await using file = await fileOf(whole.subarray(0, length));
    const { packets, warnings } = await read(file.path);
    assertEquals(packets.length, 1);
    assertEquals(warnings, [
      `${file.path} is damaged at byte 72: ${reason}; whole records before it: 1; nothing after it is read`,
    ]);
  }
});

Deno.test("A record of impossible length ends a file, after all packets before it", async () => {
  await using file = await fileOf(
    fileHeader(),
    fileRecord(sized(4)),
    fileRecord(sized(4)),
    fileRecord(sized(4), { captured: 262145 }),
    fileRecord(sized(4)),
  );
  const { packets, warnings } = await read(file.path);
  assertEquals(packets.length, 2);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "damaged at byte 120: a record of 262145 bytes, where 262144");
});

Deno.test("A reader that is stopped, or closed twice, returns nothing more", async () => {
  await using file = await fileOf(fileHeader(), fileRecord(sized(4)));
  const reader = await PcapReader.open({ path: file.path }, () => {});
  await reader.wait();
  reader.wake();
  assertEquals(reader.ended, false);
  reader.stop();
  assertEquals(reader.ended, true);
  assertEquals(reader.receive(new Uint8Array(1024)), NOTHING_QUEUED);
  await reader.close();
  await reader.close();
});

Deno.test("A file that cannot be read is refused with its path and what to do", async () => {
  const refused = async (path: string, message: string) => {
    const error = await assertRejects(() => PcapReader.open({ path }, () => {}), InputError);
    assertEquals(error.message, `Cannot read ${path}: ${message}`);
    assertEquals(error.source, path);
  };
  await refused("/nowhere/a.pcap", "there is no such file; check the path");
  await refused("/tmp", "it is a folder, not a file; name a file in it");
  await using empty = await fileOf();
  await refused(empty.path, "it is empty; choose another file");
});

Deno.test({
  name: "Without the right to read the file the message names the flag",
  permissions: { read: false },
  fn: async () => {
    await assertRejects(
      () => PcapReader.open({ path: "/tmp/a.pcap" }, () => {}),
      InputError,
      "run again with --allow-read=/tmp/a.pcap",
    );
  },
});
