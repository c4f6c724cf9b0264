import { assertEquals } from "@std/assert";
import { encodeAttributes } from "../../../src/netlink/attribute.ts";
import { UNFIT } from "../../../src/record/encoder.ts";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import * as nflog from "../../../src/netlink/nflog/constants.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { Random } from "../../fuzz/random.ts";
import { observe } from "../../packet/observe.ts";
import { concat, hex, ipv4, rawPacket, udp } from "../../packet/sample.ts";
import { decodeOne, everyAttribute, logged } from "../../source/nflog/sample.ts";
import { decodeRecord } from "../../source/pcap/sample.ts";

/** Returns a packet's record without the record's header, and the packet's original length. */
function recordOf(packet: RawPacket): { record: Uint8Array; original: number } {
  const out = new Uint8Array(600_000).fill(0xee);
  const length = pcapEncoder({ format: "pcap", linkType: "nflog" }).encode(packet, out, 0);
  const [captured, original] = new Uint32Array(out.slice(8, 16).buffer);
  assertEquals(length, 16 + captured!);
  return { record: out.slice(16, length), original: original! };
}

Deno.test("A record is nfgenmsg and attributes in the kernel's order, padded to 4", () => {
  const packet = Packet.rawOf(decodeOne(logged(everyAttribute(hex("4500001c0001")))));
  assertEquals(
    recordOf(packet).record,
    hex(`
      02 00 0001                             # IPv4, version 0, group 1
      0800 0100  0800 01 00                  # NFULA_PACKET_HDR: IPv4, input
      0a00 0a00  64726f702000 0000           # NFULA_PREFIX: "drop ", NUL
      0800 0400  00000002                    # NFULA_IFINDEX_INDEV
      0800 0500  00000003                    # NFULA_IFINDEX_OUTDEV
      0800 0600  00000004                    # NFULA_IFINDEX_PHYSINDEV
      0800 0700  00000005                    # NFULA_IFINDEX_PHYSOUTDEV
      0800 0200  deadbeef                    # NFULA_MARK
      0600 0f00  0001 0000                   # NFULA_HWTYPE
      0600 1100  000e 0000                   # NFULA_HWLEN
      1200 1000  02005e10000202005e1000010800 0000 # NFULA_HWHEADER
      1000 0800  0006 0000 02005e100001 0000 # NFULA_HWADDR
      1400 1480                              # NFULA_VLAN, nested
        0600 0100  8100 0000                 # NFULA_VLAN_PROTO
        0600 0200  b064 0000                 # NFULA_VLAN_TCI
      1200 1500  02005e10000402005e10000386dd 0000 # NFULA_L2HDR
      1400 0300  000000005f5e1001 000000000001e240 # NFULA_TIMESTAMP
      0800 0b00  000003e8                    # NFULA_UID
      0800 0e00  000003e9                    # NFULA_GID
      0800 0c00  00000000                    # NFULA_SEQ
      0800 0d00  0000004d                    # NFULA_SEQ_GLOBAL
      0a00 0900  4500001c0001 0000           # NFULA_PAYLOAD`),
  );
});

Deno.test("nfscribe's own source gets every field back", () => {
  const packet = decodeOne(logged(everyAttribute()));
  const { record, original } = recordOf(Packet.rawOf(packet));
  const back = decodeRecord(239, record);
  // The format names no interfaces.
  const seen = observe(packet).slice(1).map((value) => value === "eth0" ? undefined : value);
  assertEquals(observe(back).slice(1), seen);
  assertEquals(recordOf(Packet.rawOf(back)).record, record);
  assertEquals(original, record.length);
});

Deno.test("Absent metadata stays absent", () => {
  const { record } = recordOf(rawPacket(undefined, { family: 10 }));
  assertEquals(record, hex("0a 00 0000"));
  const back = decodeRecord(
    239,
    recordOf(rawPacket(ipv4(17, udp()), { hwProtocol: 0x0800 })).record,
  );
  assertEquals([back.hook, back.mark, back.prefix, back.uid], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("An EtherType that the family does not imply is kept, with an impossible hook", () => {
  const { record } = recordOf(rawPacket(hex("0207"), { family: -1, hwProtocol: 0x88cc }));
  assertEquals(record, hex("00 00 0000  0800 0100 88cc ff 00  0600 0900 0207 0000"));
});

Deno.test("A stamp finer than microseconds is the record's alone", () => {
  const { record } = recordOf(rawPacket(undefined, { seconds: 1, nanoseconds: 1001 }));
  assertEquals(record.length, 4);
  assertEquals(recordOf(rawPacket(undefined, { seconds: 1, nanoseconds: 1000 })).record.length, 24);
});

Deno.test("Random packets come back as they were", () => {
  const random = new Random(6);
  for (let n = 0; n < 2000; n++) {
    const parts = everyAttribute(random.bytes(random.below(90)))
      .filter(() => random.below(3) > 0)
      .map(({ type, value }) => {
        if (type === 3 || (type & 0x3fff) === nflog.NFULA_VLAN) return { type, value };
        const other = random.bytes(value.length);
        // A valid length; a prefix without a trailing NUL of its own.
        if (type === nflog.NFULA_HWADDR) other.set([0, random.below(9)]);
        if (type === nflog.NFULA_PREFIX) other.set([1, 0], 4);
        return { type, value: other };
      });
    const family = random.pick([0, 2, 3, 5, 7, 10]);
    const packet = decodeRecord(
      239,
      concat(hex(`0${family.toString(16)} 00 0000`), encodeAttributes(parts)),
    );
    const { record } = recordOf(Packet.rawOf(packet));
    const back = decodeRecord(239, record);
    assertEquals(observe(back), observe(packet), `${n}`);
  }
});

Deno.test("The original length includes truncated bytes; a payload longer than an attribute is truncated", () => {
  const cut = recordOf(rawPacket(ipv4(17, udp(), { totalLength: 1500 })));
  assertEquals(cut.original, cut.record.length - 32 + 1500);
  const large = recordOf(
    rawPacket(new Uint8Array(200_000).fill(0x45), { family: 7, hwProtocol: 1 }),
  );
  assertEquals(decodeRecord(239, large.record).payload?.length, 65_531);
  assertEquals(large.original - large.record.length, 200_000 - 65_531);
});

Deno.test("A prefix and headers of the largest length come back", () => {
  const memory = new Uint8Array(4 * 65_531).fill(0x61);
  const packet = rawPacket(memory, {
    payloadLength: -1,
    prefixLength: 65_531,
    hwHeaderLength: 65_531,
    l2HeaderLength: 65_531,
  });
  const back = Packet.rawOf(decodeRecord(239, recordOf(packet).record));
  // One byte of the prefix is replaced by its NUL.
  assertEquals([back.prefixLength, back.hwHeaderLength, back.l2HeaderLength], [
    65_530,
    65_531,
    65_531,
  ]);
});

Deno.test("A record longer than readers take is unfit", () => {
  const memory = new Uint8Array(70_000);
  const packet = rawPacket(memory, {
    prefixLength: 65_530,
    hwHeaderLength: 65_531,
    l2HeaderLength: 65_531,
    hwAddressLength: 65_527,
  });
  const encoder = pcapEncoder({ format: "pcap", linkType: "nflog" });
  assertEquals(encoder.encode(packet, new Uint8Array(600_000), 0), UNFIT);
});
