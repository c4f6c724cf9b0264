import { fromFileUrl } from "../../src/text/file_url.ts";
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import type { PcapFormat } from "../../src/output/pcap/options.ts";
import type { LinkType } from "../../src/pcap/link/framing.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { PcapReader } from "../../src/source/pcap/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { readBlocks } from "../output/pcap/blocks.ts";
import { concat, hex } from "../packet/sample.ts";
import { decodeOne, everyAttribute, logged } from "../source/nflog/sample.ts";
import { decodeRecord } from "../source/pcap/sample.ts";
import {
  canRun,
  deno,
  HAS_TCPDUMP,
  hasProgram,
  must,
  ROOT,
  run,
  TCPDUMP,
  temporaryFolder,
} from "../system/process.ts";
import { randomFrames } from "./random_packets.ts";

const PCAPS = fromFileUrl(new URL("../../../shared/pcaps/", import.meta.url).href);
const HAS_PCAPS = canRun("test", "-d", PCAPS);
const HAS_TSHARK = hasProgram("tshark");
const NUMBERS = { raw: 101, ethernet: 1, nflog: 239 } as const;
const KINDS: readonly (readonly [format: PcapFormat, linkType: LinkType])[] = [
  ["pcap", "raw"],
  ["pcap", "ethernet"],
  ["pcap", "nflog"],
  ["pcapng", "raw"],
  ["pcapng", "ethernet"],
  ["pcapng", "nflog"],
];

/** Reads the packets of a pcap file. */
async function packetsOf(path: string): Promise<Packet[]> {
  await using reader = await PcapReader.open({ path }, () => {});
  const decoder = new PcapDecoder();
  const packets: Packet[] = [];
  for (;;) {
    const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
    const length = reader.receive(memory.bytes);
    if (length === NOTHING_QUEUED) return packets;
    decoder.begin(memory, 0, length);
    const next = () => new RawPacket(new InterfaceTable());
    for (let raw = next(); decoder.next(raw); raw = next()) packets.push(new Packet(raw));
  }
}

/** The longest attribute of link type NFLOG, in bytes. */
const ATTRIBUTE_MAX = 65_531;

/** Reads the packets of all captures. */
async function sharedPackets(): Promise<Packet[]> {
  const packets: Packet[] = [];
  for (const { name } of Deno.readDirSync(PCAPS)) {
    if (name.endsWith("cap")) packets.push(...await packetsOf(PCAPS + name));
  }
  assertGreater(packets.length, 3000);
  return packets;
}

/** Returns the fields that must be the same in each link type. */
function essence(packet: Packet): unknown {
  const { time, payload } = packet;
  return [time, payload?.subarray(0, ATTRIBUTE_MAX).toHex() ?? ""];
}

/** EtherTypes that the family implies. */
const BY_FAMILY: Readonly<Record<number, number>> = { 2: 0x0800, 3: 0x0806, 10: 0x86dd };

/** Returns the same with the fields that only frames and attributes have. */
function linkEssence(packet: Packet): unknown {
  const { vlans, hwProtocol, family, ethernet } = packet;
  const { destination, source } = ethernet ?? {};
  const type = hwProtocol ?? BY_FAMILY[family ?? -1];
  return [essence(packet), JSON.stringify(vlans), type, destination, source];
}

/** Writes packets to a file; returns those that it can hold. */
async function write(
  path: string,
  format: PcapFormat,
  linkType: LinkType,
  packets: readonly Packet[],
): Promise<Packet[]> {
  const held: Packet[] = [];
  await using file = await pcapFile(path, { format, linkType, sync: false });
  for (const packet of packets) if (await file.write(packet)) held.push(packet);
  return held;
}

async function readBack(path: string, format: PcapFormat, linkType: LinkType): Promise<Packet[]> {
  if (format === "pcap") return await packetsOf(path);
  const { packets, sections } = readBlocks(await Deno.readFile(path));
  assertEquals(sections, 1);
  return packets.map(({ data, time }) => {
    const packet = decodeRecord(NUMBERS[linkType], data);
    const raw = Packet.rawOf(packet);
    raw.seconds = raw.receivedSeconds = Number(time / 1_000_000_000n);
    raw.nanoseconds = raw.receivedNanoseconds = Number(time % 1_000_000_000n);
    return packet;
  });
}

/** Returns the number of records that tcpdump reads; it must not complain. */
async function counted(path: string): Promise<string> {
  const { code, stdout, stderr } = await run([...TCPDUMP, "-r", path, "--count"]);
  assertEquals([code, stderr.includes("tcpdump:")], [0, false], stderr);
  return stdout.trim();
}

/** Writes packets in each format; tcpdump and nfscribe read them back. */
async function roundTrips(packets: readonly Packet[]): Promise<void> {
  await using folder = await temporaryFolder();
  for (const [format, linkType] of KINDS) {
    const path = `${folder.path}/${linkType}.${format}`;
    const held = await write(path, format, linkType, packets);
    if (linkType !== "raw") assertEquals(held.length, packets.length);
    assertEquals(await counted(path), `${held.length} packets`);
    const back = await readBack(path, format, linkType);
    assertEquals(back.length, held.length);
    const what = linkType === "raw" ? essence : linkEssence;
    back.forEach((packet, index) => {
      const original = held[index]!;
      const isFramed = linkType === "raw" || original.ethernet !== undefined;
      const compare = isFramed ? what : essence;
      assertEquals(compare(packet), compare(original), `${format} ${linkType} packet ${index}`);
    });
  }
}

Deno.test({
  name: "Every capture of ../shared/pcaps comes back from each format and link type" +
    (HAS_PCAPS && HAS_TCPDUMP ? "" : " (needs that folder and tcpdump)"),
  ignore: !HAS_PCAPS || !HAS_TCPDUMP,
  async fn() {
    await roundTrips(await sharedPackets());
  },
});

Deno.test({
  name: "Random packets come back from each format and link type" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  fn: () => roundTrips(randomFrames(6, 3000).map(({ bytes }) => decodeRecord(1, bytes))),
});

Deno.test({
  name: "tcpdump shows a logged packet in each kind of file" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  async fn() {
    await using folder = await temporaryFolder();
    const ping = hex("4500001c 00000000 40010000 c0000201 c0000202 0800 0000 0007 0001");
    const packet = decodeOne(logged(everyAttribute(ping)));
    for (const [format, linkType] of KINDS) {
      const path = `${folder.path}/${linkType}.${format}`;
      assertEquals((await write(path, format, linkType, [packet])).length, 1);
      const shown = await must([...TCPDUMP, "-nettr", path]);
      assertStringIncludes(shown, "1600000001.123456 ");
      if (linkType === "nflog") assertStringIncludes(shown, "family IPv4 (2), length ");
      if (linkType === "ethernet") {
        assertStringIncludes(shown, "02:00:5e:10:00:03 > 02:00:5e:10:00:04, ethertype 802.1Q");
        assertStringIncludes(shown, "vlan 100, p 5, DEI");
      } else {
        assertStringIncludes(shown, "192.0.2.1 > 192.0.2.2: ICMP echo request, id 7, seq 1");
      }
    }
  },
});

/** Returns tshark's values of some fields of each packet, one line each. */
async function tshark(path: string, ...fields: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(
    ["tshark", "-r", path, "-T", "fields", ...fields.flatMap((field) => ["-e", field])],
  );
  assertEquals([code, /malformed|error|damaged|corrupt/i.test(stderr)], [0, false], stderr);
  return stdout.trimEnd().split("\n");
}

Deno.test({
  name: "tshark shows interfaces, directions, comments, losses and NFLOG's attributes" +
    (HAS_TSHARK ? "" : " (needs tshark)"),
  ignore: !HAS_TSHARK,
  async fn() {
    await using folder = await temporaryFolder();
    const ping = hex("4500001c 00000000 40010000 c0000201 c0000202 0800 0000 0007 0001");
    const packet = decodeOne(logged(everyAttribute(ping)));
    const path = `${folder.path}/raw.pcapng`;
    let lost = 0;
    {
      await using file = await pcapFile(path, { format: "pcapng", lost: () => lost });
      await file.write(packet);
      lost = 12;
      await file.write(packet);
    }
    const seen = await tshark(
      path,
      "frame.interface_name",
      "frame.packet_flags_direction",
      "frame.drop_count",
      "frame.comment",
      "icmp.seq",
    );
    const comment = 'prefix="drop " hook=input in=eth0 out=3 mark=0xdeadbeef uid=1000 gid=1001 ' +
      "seq=0 seq_global=77";
    assertEquals(seen, [
      `eth0\t0x00000001\t\t${comment}\t1`,
      `eth0\t0x00000001\t12\t${comment}\t1`,
    ]);
    for (const format of ["pcap", "pcapng"] as const) {
      const nflog = `${folder.path}/nflog.${format}`;
      await write(nflog, format, "nflog", [packet]);
      const fields = ["prefix", "uid", "gid", "hook", "ifindex_indev", "ifindex_physoutdev"];
      assertEquals(
        await tshark(nflog, ...fields.map((field) => `nflog.${field}`), "icmp.seq"),
        ["drop \t1000\t1001\t1\t2\t5\t1"],
      );
    }
  },
});

Deno.test({
  name: "tshark opens every capture of ../shared/pcaps in each format and link type" +
    (HAS_PCAPS && HAS_TSHARK ? "" : " (needs that folder and tshark)"),
  ignore: !HAS_PCAPS || !HAS_TSHARK,
  async fn() {
    await using folder = await temporaryFolder();
    const packets = await sharedPackets();
    for (const [format, linkType] of KINDS) {
      const path = `${folder.path}/${linkType}.${format}`;
      const held = await write(path, format, linkType, packets);
      const lengths = await tshark(path, "frame.cap_len");
      assertEquals(lengths.length, held.length);
    }
  },
});

Deno.test({
  name: "nfscribe replay with several sandboxes writes each kind of file whole" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  async fn() {
    await using folder = await temporaryFolder();
    const input = `${folder.path}/input.pcap`;
    const packets = randomFrames(7, 20_000).map(({ bytes }) => decodeRecord(1, bytes));
    assertEquals((await write(input, "pcap", "ethernet", packets)).length, packets.length);
    const outputs = KINDS.map(([format, linkType]) =>
      `[output.${format}_${linkType}]
type = "pcap"
path = "${folder.path}/${linkType}.${format}"
format = "${format}"
link_type = "${linkType}"
`
    );
    await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
    const config = `${folder.path}/nfscribe.toml`;
    const filter = `[filter]\nscript = "${folder.path}/filter.ts"\nworkers = 3\n`;
    const source = '[[source]]\ntype = "nflog"\ngroup = 1\n';
    await Deno.writeTextFile(config, [source, filter, ...outputs].join("\n"));
    await must(deno("--allow-all", `${ROOT}main.ts`, "replay", input, "-c", config));
    for (const [format, linkType] of KINDS) {
      const path = `${folder.path}/${linkType}.${format}`;
      assertEquals(await counted(path), `${packets.length} packets`);
      const back = await readBack(path, format, linkType);
      assertEquals(concat(...back.map(({ payload }) => payload!)).length, bytesOf(packets));
    }
  },
});

function bytesOf(packets: readonly Packet[]): number {
  return packets.reduce((sum, { payload }) => sum + payload!.length, 0);
}
