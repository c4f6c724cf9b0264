import { assertEquals } from "@std/assert";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import { concat, hex, ipv4, ipv6, tcp, udp } from "../../packet/sample.ts";
import { LINK_FRAMES } from "./frames.ts";
import { batch, decodeBatch, decodeRecord } from "./sample.ts";

for (const { name, linkType, data, inside } of LINK_FRAMES) {
  Deno.test(`${name} (link type ${linkType}): ${inside ? "IP is found" : "there is no IP"}`, () => {
    const packet = decodeRecord(linkType, data);
    const [version, port] = inside ?? [];
    assertEquals([packet.ip?.version, packet.destinationPort], [version, port]);
    assertEquals(packet.defect, undefined);
    if (version === undefined) return;
    // The packet is as the kernel's IP code would have logged it.
    assertEquals(packet.family, version === 4 ? 2 : 10);
    assertEquals(packet.hwProtocol, version === 4 ? 0x0800 : 0x86dd);
    assertEquals(packet.payload, version === 4 ? ipv4(17, udp()) : ipv6(6, tcp()));
    assertEquals(packet.originalLength, packet.payload?.length);
    const out = new Uint8Array(1000);
    const raw = Packet.rawOf(packet);
    assertEquals(
      pcapEncoder({ format: "pcap", linkType: "raw" }).encode(raw, out, 0),
      16 + packet.payload!.length,
    );
  });
}

Deno.test("An Ethernet file gets the whole frame back, whatever lies before IP", () => {
  const encoder = pcapEncoder({ format: "pcap", linkType: "ethernet" });
  for (const { name, linkType, data } of LINK_FRAMES) {
    if (linkType !== 1) continue;
    const out = new Uint8Array(1000);
    const length = encoder.encode(Packet.rawOf(decodeRecord(linkType, data)), out, 0);
    const filling = name.includes("fills") ? 6 : 0;
    assertEquals(out.subarray(16, length), data.subarray(0, data.length - filling), name);
  }
});

Deno.test("A label whose last bytes look like a VLAN tag's EtherType stays as it is", () => {
  const data = concat(hex("02005e100002 02005e100001 8847 00018100"), ipv4(17, udp()));
  const out = new Uint8Array(1000);
  const encoder = pcapEncoder({ format: "pcap", linkType: "ethernet" });
  const length = encoder.encode(Packet.rawOf(decodeRecord(1, data)), out, 0);
  assertEquals(out.subarray(16, length), data);
});

Deno.test("By way of NFLOG's attributes a frame whose PPPoE or MPLS was taken off is an IP frame", () => {
  for (const { linkType, data, inside } of LINK_FRAMES) {
    if (linkType !== 1 || inside === undefined) continue;
    const nflog = new Uint8Array(1000);
    const first = pcapEncoder({ format: "pcap", linkType: "nflog" })
      .encode(Packet.rawOf(decodeRecord(1, data)), nflog, 0);
    const again = decodeRecord(239, nflog.subarray(16, first));
    const ethernet = new Uint8Array(1000);
    const second = pcapEncoder({ format: "pcap", linkType: "ethernet" })
      .encode(Packet.rawOf(again), ethernet, 0);
    const { ip, destinationPort } = decodeRecord(1, ethernet.subarray(16, second));
    assertEquals([ip?.version, destinationPort], [...inside]);
  }
});

Deno.test("A packet shorter than its header is malformed", () => {
  const shortest: [linkType: number, bytes: string][] = [
    [9, "ff03 00"],
    [9, "ff03"],
    [9, "ff"],
    [50, "0f 00 08"],
    [51, "11 00 0007 00"],
    [104, "0f 00 08"],
    [219, "000101"],
  ];
  for (const [linkType, bytes] of shortest) {
    const decoder = new PcapDecoder();
    assertEquals(decodeBatch(batch(linkType, [hex(bytes)]), decoder).length, 0);
    assertEquals([decoder.received, decoder.malformed], [1, 1]);
  }
});

Deno.test("Cisco's keepalive, whose number is RARP's EtherType, is no ARP", () => {
  const keepalive = LINK_FRAMES.find(({ name }) => name.includes("keepalive"))!;
  const packet = decodeRecord(keepalive.linkType, keepalive.data);
  assertEquals([packet.arp, packet.hwProtocol, packet.hardwareType], [undefined, undefined, 513]);
  assertEquals(packet.payload?.length, 14);
});
