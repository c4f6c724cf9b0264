import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { Output } from "../../../src/output/output.ts";
import { PcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { PacketFile } from "../../../src/output/packet_file.ts";
import { pcapFile } from "../../../src/output/pcap/file.ts";
import { hex, ipv4, packetOf, udp } from "../../packet/sample.ts";
import { MemoryWriter } from "../memory_writer.ts";

const PACKET = packetOf(ipv4(17, udp())); // a record of 48 bytes

function fileOn(writer: MemoryWriter, sync: boolean): PacketFile {
  return new PacketFile(new Output("test", new PcapEncoder(), writer, { sync }));
}

Deno.test("write() brings each packet to the file at once", async () => {
  const writer = new MemoryWriter();
  const file = fileOn(writer, true);
  assertEquals([await file.write(PACKET), await file.write(PACKET)], [true, true]);
  assertEquals(writer.batches.map(({ length }) => length), [48, 48]);
  assertEquals(file.stats.written, 2);
});

Deno.test("write() collects packets where `sync` is false, and close() writes what is left", async () => {
  const writer = new MemoryWriter();
  const file = fileOn(writer, false);
  await file.write(PACKET);
  await file.write(PACKET);
  assertEquals(writer.batches, []);
  await file.close();
  assertEquals(writer.batches.map(({ length }) => length), [96]);
  assertEquals(writer.closed, 1);
});

Deno.test("write() makes room where there is none, and loses no packet", async () => {
  const writer = new MemoryWriter();
  const file = fileOn(writer, false);
  for (let n = 0; n < 20_000; n++) await file.write(PACKET); // 960,000 bytes
  await file.close();
  assertEquals([file.stats.written, file.stats.bytes], [20_000, 960_000]);
  assertEquals(writer.batches.length, 2);
});

Deno.test("write() is false for a packet that the format cannot hold", async () => {
  const file = fileOn(new MemoryWriter(), true);
  assertEquals(await file.write(packetOf(hex("0001"), { family: 3 })), false);
  assertEquals([file.stats.written, file.stats.failed], [0, 1]);
});

Deno.test("write() that is not waited for loses no packet where writing takes waiting", async () => {
  const writer = new MemoryWriter(() => Promise.resolve());
  const file = fileOn(writer, true);
  const results = await Promise.all([1, 2, 3, 4].map(() => file.write(PACKET)));
  await file.close();
  assertEquals(results, [true, true, true, true]);
  assertEquals(file.stats.written, 4);
});

Deno.test("pcapFile() reports invalid options before it opens anything", async () => {
  const error = await assertRejects(() => pcapFile("", { sync: 1 as never }), ConfigError);
  assertEquals(error.file, "pcapFile options");
  assertEquals(error.problems, [
    { key: "path", message: 'must be a file\'s path, or - for standard output, not ""' },
    { key: "sync", message: "must be true or false, not 1" },
  ]);
});
