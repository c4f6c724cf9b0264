import { noStats } from "../../src/output/output.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigError, OutputError, pcapFile } from "nfscribe";
import { pcapngHeader } from "../../src/output/pcap/pcapng_file.ts";
import type { PcapngWriter } from "../../src/output/pcap/pcapng_writer.ts";
import { openPcapWriter } from "../../src/output/pcap/writer.ts";
import { readBlocks } from "../output/pcap/blocks.ts";
import { arpPacket, udpPacket } from "./packets.ts";
import { HAS_TCPDUMP, must, TCPDUMP, temporaryFolder } from "./process.ts";

/** Sizes of the file's header, and of a record of {@linkcode udpPacket}, in bytes. */
const HEADER = 24;
const RECORD = 16 + 28 + 4;

const unexpected = (message: string) => {
  throw new Error(`an unexpected warning: ${message}`);
};

Deno.test("a new pcap file has its 24 bytes of header as soon as it is open", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/new.pcap`;
  await using file = await pcapFile(path, { onWarning: unexpected });
  const bytes = await Deno.readFile(path);
  assertEquals(file.stats.bytes, 0);
  // deno-fmt-ignore
  assertEquals([...bytes], [
    0xd4, 0xc3, 0xb2, 0xa1, // magic, microseconds, little-endian
    2, 0, 4, 0, // version 2.4
    0, 0, 0, 0, 0, 0, 0, 0, // time zone, accuracy
    0, 0, 4, 0, // snapshot length 262144
    101, 0, 0, 0, // LINKTYPE_RAW
  ]);
});

Deno.test("a pcap file shows each packet as soon as write() is over", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/live.pcap`;
  await using file = await pcapFile(path);
  for (let count = 1; count <= 3; count++) {
    assertEquals(await file.write(udpPacket()), true);
    assertEquals((await Deno.stat(path)).size, HEADER + count * RECORD);
    assertEquals(file.stats, { ...noStats(), written: count, bytes: count * RECORD });
  }
});

Deno.test("a pcap file with sync false collects, and writes what is left when it is closed", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/late.pcap`;
  const file = await pcapFile(path, { sync: false });
  for (let i = 0; i < 3; i++) await file.write(udpPacket());
  assertEquals((await Deno.stat(path)).size, HEADER);
  // At most half a mebibyte is collected.
  for (let i = 0; i < 20_000; i++) await file.write(udpPacket());
  const { size } = await Deno.stat(path);
  assert(size > HEADER && (size - HEADER) % RECORD === 0, `${size}`);
  await file.close();
  assertEquals((await Deno.stat(path)).size, HEADER + 20_003 * RECORD);
  assertEquals(file.stats.written, 20_003);
});

Deno.test("a packet that is not IP is refused and counted, and the file stays whole", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/arp.pcap`;
  await using file = await pcapFile(path);
  assertEquals(await file.write(arpPacket()), false);
  assertEquals(await file.write(udpPacket()), true);
  assertEquals(file.stats.failed, 1);
  assertEquals((await Deno.stat(path)).size, HEADER + RECORD);
});

Deno.test("a pcap file that nfscribe wrote is appended to", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/again.pcap`;
  for (let run = 1; run <= 3; run++) {
    await using file = await pcapFile(path, { onWarning: unexpected });
    await file.write(udpPacket(4, run));
    assertEquals(file.stats.written, 1);
  }
  const bytes = await Deno.readFile(path);
  assertEquals(bytes.length, HEADER + 3 * RECORD);
  const seconds = [0, 1, 2].map((index) => bytes[HEADER + index * RECORD]);
  assertEquals(seconds, [1, 2, 3]);
});

Deno.test("a pcap file of a mebibyte and more is appended to at its end", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/large.pcap`;
  {
    await using file = await pcapFile(path, { sync: false });
    for (let i = 0; i < 3000; i++) await file.write(udpPacket(900 + i % 100));
  }
  const { size } = await Deno.stat(path);
  assert(size > 2 * 1024 * 1024);
  await using file = await pcapFile(path, { onWarning: unexpected });
  await file.write(udpPacket());
  assertEquals((await Deno.stat(path)).size, size + RECORD);
});

Deno.test("the torn end of a pcap file is cut off, with a warning, whatever its length", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/torn.pcap`;
  {
    await using file = await pcapFile(path);
    for (let i = 0; i < 2; i++) await file.write(udpPacket());
  }
  const whole = await Deno.readFile(path);
  for (const torn of [1, 15, 16, 17, RECORD - 1]) {
    await Deno.writeFile(path, whole.subarray(0, HEADER + RECORD + torn));
    const warnings: string[] = [];
    const file = await pcapFile(path, { onWarning: (message) => warnings.push(message) });
    assertEquals(warnings, [
      `${path}: the last ${torn} bytes were not a whole record and were cut off`,
    ]);
    assertEquals(await Deno.readFile(path), whole.slice(0, HEADER + RECORD));
    await file.write(udpPacket());
    await file.close();
    assertEquals(await Deno.readFile(path), whole);
  }
});

Deno.test("zeros that a power cut left after the last record are cut off", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/zeros.pcap`;
  await (await pcapFile(path)).close();
  const whole = await Deno.readFile(path);
  await Deno.writeFile(path, new Uint8Array([...whole, ...new Uint8Array(4096)]));
  const warnings: string[] = [];
  await (await pcapFile(path, { onWarning: (message) => warnings.push(message) })).close();
  assertEquals(warnings.length, 1);
  assertEquals(await Deno.readFile(path), whole);
});

Deno.test("a pcap file whose header is torn is begun again", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/header.pcap`;
  await (await pcapFile(path)).close();
  const whole = await Deno.readFile(path);
  await Deno.writeFile(path, whole.subarray(0, 10));
  const warnings: string[] = [];
  await (await pcapFile(path, { onWarning: (message) => warnings.push(message) })).close();
  assertEquals(warnings.length, 1);
  assertEquals(await Deno.readFile(path), whole);
});

Deno.test({
  name:
    "tcpdump reads what nfscribe wrote, and nfscribe appends to what tcpdump wrote (needs tcpdump)",
  ignore: !HAS_TCPDUMP,
  async fn() {
    await using folder = await temporaryFolder();
    const [ours, theirs] = [`${folder.path}/ours.pcap`, `${folder.path}/theirs.pcap`];
    {
      await using file = await pcapFile(ours);
      for (let i = 0; i < 5; i++) await file.write(udpPacket(i));
    }
    await must([...TCPDUMP, "-r", ours, "-w", theirs]);
    {
      await using file = await pcapFile(theirs, { onWarning: unexpected });
      await file.write(udpPacket(100, 0x7fff_ffff));
    }
    const lines = (await must([...TCPDUMP, "-r", theirs, "-ntt"])).trim().split("\n");
    assertEquals(lines.length, 6);
    assertStringIncludes(lines[0]!, "1700000000.123456 IP 192.0.2.1.1234 > 192.0.2.2.9: UDP");
    assertStringIncludes(lines[5]!, "2147483647.123456 IP 192.0.2.1.1234 > 192.0.2.2.9: UDP");
    assertStringIncludes(lines[5]!, "length 100");
  },
});

Deno.test("openPcapWriter() writes whole batches of bytes after the header", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/writer.pcap`;
  await using writer = await openPcapWriter(
    { path, sync: true, format: "pcap", linkType: "raw" },
    unexpected,
  );
  assertEquals(writer.write(new Uint8Array([1, 2, 3]), 1), undefined);
  assertEquals([...(await Deno.readFile(path)).subarray(HEADER)], [1, 2, 3]);
});

const FORMATS = ["pcap", "pcapng"] as const;
const LINK_TYPES = ["raw", "ethernet", "nflog"] as const;
const KINDS = FORMATS.flatMap((format) => LINK_TYPES.map((linkType) => ({ format, linkType })));

for (const { format, linkType } of KINDS) {
  Deno.test(`a ${format} file of link type ${linkType} is appended to, and its torn end cut off`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/file`;
    const write = async (onWarning: (message: string) => void) => {
      await using file = await pcapFile(path, { format, linkType, onWarning });
      const { size } = await Deno.stat(path);
      await file.write(udpPacket());
      return { before: size, after: (await Deno.stat(path)).size };
    };
    const first = await write(unexpected);
    const second = await write(unexpected);
    assertEquals(second.before, first.after);
    // One section: appending takes no more than the first write.
    assertEquals(second.after - second.before, first.after - first.before);
    const whole = await Deno.readFile(path);
    for (const torn of [1, 12, 20, second.after - second.before - 1]) {
      await Deno.writeFile(path, whole.subarray(0, second.before + torn));
      const warnings: string[] = [];
      await write((message) => warnings.push(message));
      assertEquals(warnings, [
        `${path}: the last ${torn} bytes were not a whole record and were cut off`,
      ]);
      assertEquals(await Deno.readFile(path), whole);
    }
  });

  Deno.test(`a file of any other format or link type is refused as ${format} ${linkType}, and unchanged`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/file`;
    for (const other of KINDS) {
      if (other.format === format && other.linkType === linkType) continue;
      {
        await using file = await pcapFile(path, other);
        await file.write(udpPacket());
      }
      const bytes = await Deno.readFile(path);
      const error = await assertRejects(() => pcapFile(path, { format, linkType }), OutputError);
      assertStringIncludes(error.message, "choose another file, or the ");
      assertStringIncludes(
        error.message,
        `"${other.format === format ? other.linkType : other.format}"`,
      );
      assertEquals(await Deno.readFile(path), bytes);
      await Deno.remove(path);
    }
  });
}

Deno.test("a pcapng file has the number of lost packets with the packet after them", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/lost.pcapng`;
  let lost = 0;
  {
    await using file = await pcapFile(path, { format: "pcapng", lost: () => lost });
    await file.write(udpPacket());
    lost = 12;
    await file.write(udpPacket());
    await file.write(udpPacket());
  }
  const { packets, sections } = readBlocks(await Deno.readFile(path));
  assertEquals(packets.map(({ dropped }) => dropped), [undefined, 12n, undefined]);
  assertEquals(sections, 1);
});

Deno.test("PcapngWriter.lost() notes what a source has lost, where it was lost", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/lost.pcapng`;
  const options = { path, sync: true, format: "pcapng", linkType: "nflog" } as const;
  {
    await using writer = await openPcapWriter(options, unexpected) as PcapngWriter;
    await writer.lost({ source: "web", packets: 7, seconds: 1_700_000_000, nanoseconds: 0 });
    const { size } = await Deno.stat(path);
    assertEquals(writer.delivery.bytes, size - pcapngHeader("nflog").length);
  }
  const { losses, sections } = readBlocks(await Deno.readFile(path));
  assertEquals(losses, [{
    comment: "lost=7 source=web",
    dropped: 7n,
    description: "source web",
  }]);
  assertEquals(sections, 1);
});

Deno.test("pcapFile() names options that cannot be", async () => {
  const error = await assertRejects(
    () => pcapFile("", { sync: "yes" as unknown as boolean }),
    ConfigError,
  );
  assertEquals(error.problems.map(({ key }) => key), ["path", "sync"]);
  await assertRejects(() => pcapFile("/"), OutputError, "Cannot open /: it is a folder");
});
