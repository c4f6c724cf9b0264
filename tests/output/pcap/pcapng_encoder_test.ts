import { assertEquals } from "@std/assert";
import { NO_ROOM, UNFIT } from "../../../src/record/encoder.ts";
import { APPLICATION, sectionBlock, writeTime } from "../../../src/pcap/write/block.ts";
import { pcapEncoder, type PcapEncoderOptions } from "../../../src/output/pcap/encoder.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import metadata from "../../../deno.json" with { type: "json" };
import { concat, hex, ipv4, rawPacket, udp } from "../../packet/sample.ts";
import { readBlocks, type ReadPacket } from "./blocks.ts";

const INTERFACES = new InterfaceTable().with([[2, "eth0"], [3, "eth1"]]);
const PAYLOAD = ipv4(17, udp());

function encoderOf(options: Partial<PcapEncoderOptions> = {}) {
  return pcapEncoder({ format: "pcapng", linkType: "raw", ...options });
}

/** Returns a packet with these fields. */
function packet(fields: Partial<RawPacket> = {}): RawPacket {
  return rawPacket(PAYLOAD, { interfaces: INTERFACES, seconds: 1, nanoseconds: 5, ...fields });
}

/** Encodes one area with packets. */
function areaOf(packets: readonly RawPacket[], encoder = encoderOf()): Uint8Array {
  const out = new Uint8Array(512 * 1024).fill(0xee);
  let at = 0;
  for (const packet of packets) {
    const length = encoder.encode(packet, out, at);
    if (length < 0) throw new Error(`${length}`);
    at += length;
  }
  assertEquals(out[at], 0xee);
  return out.slice(0, at);
}

function read(fields: Partial<RawPacket>): ReadPacket {
  return readBlocks(areaOf([packet(fields)])).packets[0]!;
}

Deno.test("The application is nfscribe in the version of deno.json", () => {
  assertEquals(APPLICATION, `nfscribe ${metadata.version}`);
});

Deno.test("An area is a section, an interface and packets, byte by byte", () => {
  const prefix = hex("6c6f6720");
  const sample = rawPacket(concat(hex("45000005aa"), prefix), {
    interfaces: INTERFACES,
    inDev: 2,
    hook: 1,
    mark: 0x1f,
    payloadLength: 5,
    prefixOffset: 5,
    prefixLength: 4,
    seconds: 0x5f5e1001,
    nanoseconds: 123_456_789,
  });
  assertEquals(
    areaOf([sample]),
    concat(
      hex(`
        0a0d0d0a 34000000                    # Section Header Block, 52 bytes
        4d3c2b1a 0100 0000 ffffffffffffffff  # byte order, version 1.0, length unspecified
        0400 0e00 6e6673637269626520302e312e30 0000  # shb_userappl: nfscribe 0.1.0
        0000 0000 34000000
        01000000 28000000                    # Interface Description Block, 40 bytes
        0c00 0000 00000400                   # raw IP, snapshot length 262144
        0200 0400 65746830                   # if_name: eth0
        0900 0100 09 000000                  # if_tsresol: 10^-9
        0000 0000 28000000
        06000000 64000000                    # Enhanced Packet Block, 100 bytes
        00000000                             # interface 0
        86573416 1597961b                    # 1600000001123456789, the upper half first
        05000000 05000000 45000005aa 000000  # captured, original, the packet
        0100 2a00`), // opt_comment
      new TextEncoder().encode('prefix="log " hook=input in=eth0 mark=0x1f'),
      hex(`
        0000
        0200 0400 01000000                   # epb_flags: inbound
        0000 0000 64000000`),
    ),
  );
  const [read] = readBlocks(areaOf([sample])).packets;
  assertEquals(read, {
    name: "eth0",
    description: undefined,
    time: 1_600_000_001_123_456_789n,
    data: hex("45000005aa"),
    original: 5,
    comment: 'prefix="log " hook=input in=eth0 mark=0x1f',
    flags: 1,
    dropped: undefined,
  });
});

Deno.test("Times are exact to the nanosecond, and past 2^32 seconds", () => {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  for (
    const seconds of [0, 1, 65_535, 65_536, 1_700_000_000, 2 ** 32 - 1, 2 ** 32, 18_446_744_072]
  ) {
    for (const nanoseconds of [0, 1, 999_999_999]) {
      writeTime(out, 0, seconds, nanoseconds);
      const time = BigInt(view.getUint32(0, true)) << 32n | BigInt(view.getUint32(4, true));
      assertEquals(time, BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
    }
  }
});

Deno.test("A packet's interface is the one it came in by, or where it is still to leave, that one", () => {
  const both = { inDev: 2, outDev: 3 };
  const nameAt = (hook: number, family = 2, devices: Partial<RawPacket> = both) =>
    read({ hook, family, hwProtocol: 0x0800, ...devices }).name;
  assertEquals([0, 1, 2, 3, 4].map((hook) => nameAt(hook)), [
    "eth0",
    "eth0",
    "eth0",
    "eth1",
    "eth1",
  ]);
  assertEquals([nameAt(0, 5), nameAt(1, 5)], ["eth0", "eth1"]);
  assertEquals(nameAt(-1, 2, { outDev: 3 }), "eth1");
  assertEquals(nameAt(1, 2, {}), undefined);
  assertEquals(nameAt(1, 2, { inDev: 9 }), undefined); // its name is unknown
});

Deno.test("The direction is written if the hook determines it", () => {
  const flags = (family: number, hook: number) => read({ family, hook, hwProtocol: 0x0800 }).flags;
  assertEquals([0, 1, 2, 3, 4, 5].map((hook) => flags(2, hook)), [1, 1, 1, 2, 2, undefined]);
  assertEquals([0, 1, 2].map((hook) => flags(5, hook)), [1, 2, undefined]);
  assertEquals([-1, 200].map((hook) => flags(2, hook)), [undefined, undefined]);
});

Deno.test("The comment has the firewall's metadata; it is absent without any", () => {
  assertEquals(read({}).comment, undefined);
  assertEquals(
    read({
      hook: 4,
      inDev: 2,
      outDev: 9,
      uid: 0,
      gid: 4_294_967_295,
      seq: 0,
      seqGlobal: 1,
      mark: 0,
    })
      .comment,
    "hook=postrouting in=eth0 out=9 mark=0x0 uid=0 gid=4294967295 seq=0 seq_global=1",
  );
  assertEquals(read({ hook: 77 }).comment, "hook=77");
});

Deno.test("A prefix reaches the comment escaped and bounded", () => {
  const bytes = concat(PAYLOAD, hex("22 0a ff"), new Uint8Array(70_000).fill(1));
  const sample = rawPacket(bytes, {
    payloadLength: PAYLOAD.length,
    prefixOffset: PAYLOAD.length,
    prefixLength: 3,
  });
  assertEquals(readBlocks(areaOf([sample])).packets[0]?.comment, 'prefix="\\"\\x0a\\xff"');
  sample.prefixLength = 65_530;
  assertEquals(readBlocks(areaOf([sample])).packets[0]?.comment?.length, 9 + 2 + 511 * 4);
});

Deno.test("NFLOG records have their metadata themselves, so there is no comment", () => {
  const area = areaOf([packet({ hook: 1, inDev: 2 })], encoderOf({ linkType: "nflog" }));
  const { packets, linkTypes, names } = readBlocks(area);
  assertEquals([packets[0]?.comment, packets[0]?.flags, linkTypes, names], [undefined, 1, [239], [
    "eth0",
  ]]);
});

Deno.test("Each interface is described once, the next area describes all known ones", () => {
  const encoder = encoderOf();
  const one = packet({ inDev: 2 });
  const other = packet({ outDev: 3 });
  assertEquals(readBlocks(areaOf([one, one, other, one], encoder)).names, ["eth0", "eth1"]);
  const again = readBlocks(areaOf([other, packet()], encoder));
  assertEquals([again.sections, again.names], [1, ["eth0", "eth1", undefined]]);
  assertEquals(again.packets.map(({ name }) => name), ["eth1", undefined]);
});

Deno.test("A renamed interface, and the same number of another source, are interfaces of their own", () => {
  const renamed = new InterfaceTable().with([[2, "wan"]]);
  const same = new InterfaceTable().with([[2, "eth0"]]);
  const area = areaOf([
    packet({ inDev: 2 }),
    packet({ inDev: 2, interfaces: renamed }),
    packet({ inDev: 2, interfaces: same }),
    packet({ inDev: 2, capture: "blue" }),
  ]);
  const { names, packets } = readBlocks(area);
  assertEquals(names, ["eth0", "wan", "eth0"]);
  assertEquals(packets.map(({ name, description }) => [name, description]), [
    ["eth0", undefined],
    ["wan", undefined],
    ["eth0", undefined],
    ["eth0", "source blue"],
  ]);
});

Deno.test("Any number of interfaces takes bounded memory, and every packet finds its own", () => {
  const names = Array.from({ length: 1000 }, (_, index) => [index, `veth${index}`] as const);
  const interfaces = new InterfaceTable().with(names);
  const packets = names.map(([inDev]) => packet({ inDev, interfaces }));
  const { packets: found, sections } = readBlocks(areaOf([...packets, ...packets]));
  assertEquals(found.map(({ name }) => name), [...names, ...names].map(([, name]) => name));
  assertEquals(sections > 1 && sections < 20, true, `${sections}`);
});

Deno.test("An area with other data in between, or that was discarded, begins a new section", () => {
  const encoder = encoderOf();
  const out = new Uint8Array(4096);
  const sample = packet({ inDev: 2 });
  const first = encoder.encode(sample, out, 0);
  const second = encoder.encode(sample, out, first);
  assertEquals(encoder.encode(sample, out, first), first); // not kept: a section again
  assertEquals(encoder.encode(sample, out, 2 * first), second);
  assertEquals(encoder.encode(sample, new Uint8Array(4096), 2 * first + second), first);
  assertEquals(readBlocks(out.subarray(0, 2 * first + second)).packets.length, 3);
});

Deno.test("A record that fits exactly is written, a larger one changes nothing", () => {
  const sample = packet({ inDev: 2, hook: 1, mark: 7, seq: 3 });
  for (const linkType of ["raw", "ethernet", "nflog"] as const) {
    for (const format of ["pcap", "pcapng"] as const) {
      const measure = pcapEncoder({ format, linkType });
      const first = measure.encode(sample, new Uint8Array(4096), 0);
      const tight = pcapEncoder({ format, linkType });
      const out = new Uint8Array(first - 1).fill(0xee);
      assertEquals(tight.encode(sample, out, 0), NO_ROOM);
      assertEquals(out, new Uint8Array(first - 1).fill(0xee));
      assertEquals(tight.encode(sample, new Uint8Array(first), 0), first);
      // The second one of an area, too.
      const area = new Uint8Array(4096);
      const next = measure.encode(sample, area, measure.encode(sample, area, 0));
      const both = new Uint8Array(first + next - 1);
      assertEquals(tight.encode(sample, both, 0), first);
      assertEquals(tight.encode(sample, both, first), NO_ROOM);
      assertEquals(tight.encode(sample, both, 0), first); // written out, begun again
    }
  }
});

Deno.test("A packet that link type RAW cannot hold is unfit", () => {
  const out = new Uint8Array(4096);
  assertEquals(encoderOf().encode(rawPacket(undefined), out, 0), UNFIT);
  assertEquals(out, new Uint8Array(4096));
});

Deno.test("The exact number of lost packets is written with the next packet", () => {
  let lost = 3;
  const encoder = encoderOf({ lost: () => lost });
  const sample = packet();
  const out = new Uint8Array(4096);
  let at = encoder.encode(sample, out, 0);
  at += encoder.encode(sample, out, at);
  lost += 2 ** 33 + 1;
  // A failed write changes no state.
  assertEquals(encoder.encode(sample, out.subarray(0, at), at), NO_ROOM);
  at += encoder.encode(sample, out, at);
  at += encoder.encode(sample, out, at);
  assertEquals(
    readBlocks(out.subarray(0, at)).packets.map(({ dropped }) => dropped),
    [3n, undefined, 2n ** 33n + 1n, undefined],
  );
});

Deno.test("sectionBlock() is valid by itself", () => {
  assertEquals(readBlocks(sectionBlock()).sections, 1);
});
