import { assertEquals } from "@std/assert";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { concat, hex, ipv4, ipv6, packetOf, udp } from "./sample.ts";

const LINK = hex(`
  02005e100002   # to
  02005e100001   # from
  0800           # IPv4`);

/** Returns a packet with a link header after its payload, as `NFULA_L2HDR`. */
function withLink(payload: Uint8Array, link: Uint8Array, fields: Partial<RawPacket> = {}) {
  return packetOf(concat(payload, link), {
    family: 5,
    hwProtocol: 0x0800,
    payloadLength: payload.length,
    l2HeaderOffset: payload.length,
    l2HeaderLength: link.length,
    ...fields,
  });
}

Deno.test("An Ethernet header is read field by field", () => {
  const { ethernet } = withLink(ipv4(17, udp()), LINK);
  assertEquals(ethernet?.destination, "02:00:5e:10:00:02");
  assertEquals(ethernet?.source, "02:00:5e:10:00:01");
  assertEquals(ethernet?.etherType, 0x0800);
});

Deno.test("A link header of fewer bytes, or of another link, is no Ethernet header", () => {
  const payload = ipv4(17, udp());
  for (let length = 0; length < 14; length++) {
    assertEquals(withLink(payload, LINK.subarray(0, length)).ethernet, undefined);
  }
  assertEquals(withLink(payload, LINK, { hwType: 65534 }).ethernet, undefined); // ARPHRD_NONE
  assertEquals(withLink(payload, LINK, { hwType: 1 }).ethernet?.etherType, 0x0800);
  assertEquals(packetOf(payload).ethernet, undefined);
});

Deno.test("Packets of the bridge and netdev families are decoded by their ethertype", () => {
  for (const family of [5, 7]) {
    const four = packetOf(ipv4(17, udp()), { family, hwProtocol: 0x0800 });
    assertEquals([four.source, four.destinationPort], ["192.0.2.1", 53]);
    const six = packetOf(ipv6(17, udp()), { family, hwProtocol: 0x86dd });
    assertEquals([six.source, six.destinationPort], ["2001:db8::1", 53]);
    const other = packetOf(ipv4(17, udp()), { family, hwProtocol: 0x8847 });
    assertEquals([other.source, other.protocol, other.defect], [undefined, undefined, undefined]);
  }
});

Deno.test("VLAN tags that were left in the frame are followed", () => {
  const tags = hex(`
    b064 8100   # priority 5, drop eligible, VLAN 100; another tag
    0005 0800   # VLAN 5; IPv4`);
  const payload = concat(tags, ipv4(17, udp(), { totalLength: 100 }));
  const fields = { family: 7, hwProtocol: 0x88a8, vlanProtocol: 0x88a8, vlanTci: 7 };
  const packet = packetOf(payload, fields);
  assertEquals(packet.source, "192.0.2.1");
  assertEquals(packet.udp?.destinationPort, 53);
  assertEquals(packet.originalLength, 108);
  assertEquals(packet.vlans, [
    { protocol: 0x88a8, id: 7, priority: 0, dropEligible: false },
    { protocol: 0x88a8, id: 100, priority: 5, dropEligible: true },
    { protocol: 0x8100, id: 5, priority: 0, dropEligible: false },
  ]);
  for (let length = 0; length < 8; length++) {
    const cut = packetOf(payload.subarray(0, length), fields);
    assertEquals(cut.ip, undefined);
    assertEquals(cut.vlans.length, 1 + Math.floor(length / 4));
    assertEquals(cut.defect, { layer: "vlan", kind: "truncated" });
  }
});

Deno.test("A tag that the link header ends with is not sought in the payload again", () => {
  const link = hex("02005e100002 02005e100001 8100 0005 0800");
  const packet = withLink(ipv4(17, udp()), link, { hwProtocol: 0x8100 });
  assertEquals(packet.destinationPort, 53);
  assertEquals(packet.vlans.map(({ id }) => id), [5]);
});

Deno.test("A packet logged by a netdev rule at egress begins with its link header", () => {
  const link = hex("420000000009 b654579116a7 0800"); // 0x42 looks like IPv4
  const payload = concat(link, ipv4(17, udp(), { totalLength: 100 }));
  const packet = withLink(payload, link, { hook: 1 });
  assertEquals(packet.ipv4?.destination, "198.51.100.2");
  assertEquals(packet.udp?.destinationPort, 53);
  assertEquals(packet.originalLength, 114);
  const cut = withLink(payload.subarray(0, 9), link, { hook: 1 });
  assertEquals([cut.ip, cut.defect], [undefined, { layer: "ipv4", kind: "truncated" }]);
});

const ARP = hex(`
  0001 0800      # Ethernet, IPv4
  06 04 0002     # 6 and 4 bytes; reply
  02005e100001 c0000201
  02005e100002 c0000202`);

Deno.test("An ARP packet is read field by field, by family or by ethertype", () => {
  for (const fields of [{ family: 3 }, { family: 7, hwProtocol: 0x0806 }]) {
    const { arp, ip, source, protocol } = packetOf(ARP, fields);
    assertEquals([arp?.hardwareType, arp?.protocolType, arp?.operation], [1, 0x0800, 2]);
    assertEquals(arp?.senderHardwareAddress, "02:00:5e:10:00:01");
    assertEquals(arp?.senderAddress, "192.0.2.1");
    assertEquals(arp?.targetHardwareAddress, "02:00:5e:10:00:02");
    assertEquals(arp?.targetAddress, "192.0.2.2");
    assertEquals([ip, source, protocol], [undefined, undefined, undefined]);
  }
});

Deno.test("A packet logged by an ARP rule at output begins with its Ethernet header", () => {
  const fields = { family: 3, hook: 1, hwProtocol: 0x0806 };
  const frame = concat(hex("02005e100002 02005e100001 0806"), ARP);
  const packet = packetOf(frame, fields);
  assertEquals(packet.arp?.senderAddress, "192.0.2.1");
  assertEquals([packet.defect, packet.originalLength], [undefined, frame.length]);
  const { ethernet } = packet;
  assertEquals(
    [ethernet?.destination, ethernet?.source, ethernet?.etherType],
    ["02:00:5e:10:00:02", "02:00:5e:10:00:01", 0x0806],
  );
  for (let length = 0; length < frame.length; length++) {
    const cut = packetOf(frame.subarray(0, length), fields);
    assertEquals([cut.arp, cut.defect], [undefined, { layer: "arp", kind: "truncated" }]);
    assertEquals(cut.ethernet !== undefined, length >= 14);
  }
  // Elsewhere, and for other links, it begins with ARP.
  assertEquals(packetOf(ARP, fields).arp?.senderAddress, "192.0.2.1");
  const tagged = concat(hex("02005e100002 02005e100001 8100 0005 0806"), ARP);
  const vlan = packetOf(tagged, { ...fields, hwProtocol: 0x8100 });
  assertEquals([vlan.arp?.senderAddress, vlan.vlans.map(({ id }) => id)], ["192.0.2.1", [5]]);
});

Deno.test("ARP for other addresses shows their bytes", () => {
  const other = hex("0006 1234 02 01 0001 aabb cc ddee ff");
  const { arp } = packetOf(other, { family: 3 });
  assertEquals([arp?.senderHardwareAddress, arp?.senderAddress], ["aa:bb", "cc"]);
  assertEquals([arp?.targetHardwareAddress, arp?.targetAddress], ["dd:ee", "ff"]);
});

Deno.test("ARP that was cut at any length is truncated, lengths of no such addresses are malformed", () => {
  for (let length = 0; length < ARP.length; length++) {
    const { arp, defect } = packetOf(ARP.subarray(0, length), { family: 3 });
    assertEquals([arp, defect], [undefined, { layer: "arp", kind: "truncated" }]);
  }
  for (const at of [4, 5]) {
    const wrong = ARP.slice();
    wrong[at] = 3;
    const { arp, defect } = packetOf(wrong, { family: 3 });
    assertEquals([arp, defect], [undefined, { layer: "arp", kind: "malformed" }]);
  }
});
