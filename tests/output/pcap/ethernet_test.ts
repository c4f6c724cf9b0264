import { assertEquals } from "@std/assert";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { decodeRecord } from "../../source/pcap/sample.ts";
import { concat, hex, ipv4, ipv6, rawPacket, udp } from "../../packet/sample.ts";

const PAYLOAD = ipv4(17, udp());

/** Returns the frame of a packet, and its original length. */
function frameOf(packet: RawPacket): { frame: Uint8Array; original: number } {
  const out = new Uint8Array(300_000).fill(0xee);
  const encoder = pcapEncoder({ format: "pcap", linkType: "ethernet" });
  const length = encoder.encode(packet, out, 0);
  const [captured, original] = new Uint32Array(out.slice(8, 16).buffer);
  assertEquals(length, 16 + captured!);
  return { frame: out.slice(16, length), original: original! };
}

/**
 * Returns a packet whose memory has headers before its payload, with a gap of 4 bytes as in
 * attributes.
 */
function packetWith(
  headers: { hwHeader?: string; l2Header?: string; hwAddress?: string },
  payload: Uint8Array = PAYLOAD,
  fields: Partial<RawPacket> = {},
): RawPacket {
  const parts: Uint8Array[] = [];
  const places: Record<string, number> = {};
  let at = 0;
  for (const [name, digits] of Object.entries(headers)) {
    const bytes = hex(digits);
    places[`${name}Offset`] = at;
    places[`${name}Length`] = bytes.length;
    // Attributes begin at multiples of 4, and have headers of 4 bytes.
    parts.push(bytes, new Uint8Array((4 - bytes.length % 4) % 4 + 4));
    at += parts.at(-1)!.length + bytes.length;
  }
  const memory = concat(...parts, payload);
  const payloadFields = { payloadOffset: at, payloadLength: payload.length };
  return rawPacket(memory, { ...payloadFields, ...places, ...fields });
}

const ETHERNET = "02005e100002 02005e100001 0800";

Deno.test("The header that the kernel gave is the frame's", () => {
  const { frame, original } = frameOf(packetWith({ hwHeader: ETHERNET }, PAYLOAD, { hwType: 1 }));
  assertEquals(frame, concat(hex(ETHERNET), PAYLOAD));
  assertEquals(original, 14 + PAYLOAD.length);
});

Deno.test("Without one the sender's address and the family make a header", () => {
  const packet = packetWith({ hwAddress: "02005e100001" });
  assertEquals(frameOf(packet).frame, concat(hex("000000000000 02005e100001 0800"), PAYLOAD));
  const six = ipv6(17, udp());
  const bare = rawPacket(six, { family: 10 });
  assertEquals(frameOf(bare).frame, concat(hex("000000000000 000000000000 86dd"), six));
});

Deno.test("A header of another kind of link does not count, nor does an address of another length", () => {
  const packet = packetWith(
    { hwHeader: ETHERNET + "00", hwAddress: "00112233445566 77" },
    PAYLOAD,
    {
      hwType: 32, // ARPHRD_INFINIBAND
    },
  );
  assertEquals(frameOf(packet).frame, concat(hex("000000000000 000000000000 0800"), PAYLOAD));
});

Deno.test("ARP, bridge and netdev packets have their place", () => {
  const arp = hex("0001080006040001 02005e100001 c0000201 000000000000 c0000202");
  for (
    const fields of [{ family: 3, hwProtocol: 0x0806 }, { family: 3 }, {
      family: 5,
      hwProtocol: 0x0806,
    }]
  ) {
    assertEquals(
      frameOf(rawPacket(arp, fields)).frame,
      concat(hex("000000000000 000000000000 0806"), arp),
    );
  }
  const bridged = packetWith({ l2Header: ETHERNET }, PAYLOAD, { family: 7, hwProtocol: 0x0800 });
  assertEquals(frameOf(bridged).frame, concat(hex(ETHERNET), PAYLOAD));
});

Deno.test("A netdev packet at egress has its header in the payload, and gets no second one", () => {
  const payload = concat(hex(ETHERNET), PAYLOAD);
  const fields = { family: 5, hook: 1, hwProtocol: 0x0800 };
  const { frame, original } = frameOf(packetWith({ l2Header: ETHERNET }, payload, fields));
  assertEquals(frame, payload);
  assertEquals(original, payload.length);
  // Truncated within the header: the header's own attribute is complete.
  const cut = frameOf(packetWith({ l2Header: ETHERNET }, payload.subarray(0, 5), fields));
  assertEquals(cut.frame, hex(ETHERNET));
});

Deno.test("An ARP packet at output has its header in the payload, and gets no second one", () => {
  const arp = hex("0001080006040001 02005e100001 c0000201 000000000000 c0000202");
  const fields = { family: 3, hook: 1, hwProtocol: 0x0806 };
  const payload = concat(hex("ffffffffffff 02005e100001 0806"), arp);
  const { frame, original } = frameOf(rawPacket(payload, fields));
  assertEquals([frame, original], [payload, payload.length]);
  // Without all of its header nothing of the packet is left.
  const cut = frameOf(rawPacket(payload.subarray(0, 13), fields));
  assertEquals(cut.frame, hex("000000000000 000000000000 0806"));
  const tagged = concat(hex("ffffffffffff 02005e100001 8100 0005 0806"), arp);
  assertEquals(frameOf(rawPacket(tagged, { ...fields, hwProtocol: 0x8100 })).frame, tagged);
});

Deno.test("A tag that the device took off is put back in", () => {
  const tag = { vlanProtocol: 0x8100, vlanTci: 0xb064 };
  const tagged = concat(hex("02005e100002 02005e100001 8100 b064 0800"), PAYLOAD);
  const fields = { family: 5, hook: 0, hwProtocol: 0x0800, ...tag };
  assertEquals(frameOf(packetWith({ l2Header: ETHERNET }, PAYLOAD, fields)).frame, tagged);
  const made = packetWith({ hwAddress: "02005e100001" }, PAYLOAD, tag);
  assertEquals(
    frameOf(made).frame,
    concat(hex("000000000000 02005e100001 8100 b064 0800"), PAYLOAD),
  );
});

Deno.test("A tag that stayed in the frame stays, wherever the link header ends", () => {
  const whole = concat(hex("02005e100002 02005e100001 8100 0064 0800"), PAYLOAD);
  const fields = { family: 7, hwProtocol: 0x8100 };
  const before = packetWith(
    { l2Header: "02005e100002 02005e100001 8100" },
    concat(hex("0064 0800"), PAYLOAD),
    fields,
  );
  assertEquals(frameOf(before).frame, whole);
  const behind = packetWith(
    { l2Header: "02005e100002 02005e100001 8100 0064 0800" },
    PAYLOAD,
    fields,
  );
  assertEquals(frameOf(behind).frame, whole);
  // Both: the outer one was removed, the inner one is in the frame.
  const outer = { ...fields, vlanProtocol: 0x88a8, vlanTci: 7 };
  const both = packetWith({ l2Header: "02005e100002 02005e100001 8100 0064 0800" }, PAYLOAD, outer);
  assertEquals(
    frameOf(both).frame,
    concat(hex("02005e100002 02005e100001 88a8 0007 8100 0064 0800"), PAYLOAD),
  );
});

Deno.test("A header that announces a missing tag ends with the packet's own type", () => {
  const packet = packetWith({ hwHeader: "02005e100002 02005e100001 8100" });
  assertEquals(frameOf(packet).frame, concat(hex(ETHERNET), PAYLOAD));
});

Deno.test("Bytes after the header that belong to the packet are not written twice", () => {
  const packet = packetWith({ hwHeader: `${ETHERNET} 45000020` });
  assertEquals(frameOf(packet).frame, concat(hex(ETHERNET), PAYLOAD));
});

Deno.test("Frames of a capture file come back byte by byte, tags and lengths included", () => {
  const addresses = "02005e100002 02005e100001";
  const frames = [
    concat(hex(`${addresses} 0800`), PAYLOAD),
    concat(hex(`${addresses} 8100 b064 0800`), PAYLOAD),
    concat(hex(`${addresses} 88a8 0007 8100 0064 0800`), PAYLOAD),
    concat(hex(`${addresses} 8100 0001 8100 0002 8100 0003 86dd`), ipv6(17, udp())),
    hex(`${addresses} 0007 aaaa03 00000c 2000`), // a length, LLC, SNAP
    hex(`${addresses} 8100 0064 0003 424203`), // a tag, a length, LLC
    hex(`${addresses} 88cc 0207 0402 0000`),
    hex(`${addresses} 8100 00`), // cut within the tag
    hex(`${addresses} 0800`),
  ];
  for (const frame of frames) {
    const packet = decodeRecord(1, frame);
    assertEquals(frameOf(rawOf(packet)).frame, frame);
    assertEquals(frameOf(rawOf(packet.copy())).frame, frame);
  }
});

Deno.test("The original length includes truncated bytes", () => {
  const cut = ipv4(17, udp(), { totalLength: 1500 });
  assertEquals(frameOf(packetWith({ hwHeader: ETHERNET }, cut)).original, 1514);
});

Deno.test("A packet without an EtherType gets a length, as in IEEE 802.3", () => {
  const llc = hex("424203 00000000");
  const packet = rawPacket(llc, { family: 7, hwProtocol: 4 });
  assertEquals(frameOf(packet).frame, concat(hex("000000000000 000000000000 0007"), llc));
});

Deno.test("A packet without metadata and payload is a header", () => {
  const packet = rawPacket(undefined, { family: -1 });
  assertEquals(frameOf(packet), { frame: new Uint8Array(14), original: 14 });
});

Deno.test("A frame is never longer than readers take", () => {
  const large = new Uint8Array(262_144).fill(0x45);
  const { frame, original } = frameOf(rawPacket(large, { family: 7, hwProtocol: 0x1234 }));
  assertEquals([frame.length, original], [262_144, 262_158]);
});

function rawOf(packet: { copy(): unknown }): RawPacket {
  return Packet.rawOf(packet as Packet);
}
