import { assertEquals } from "@std/assert";
import { concat, hex, ipv4, ipv6, jumbogram, tcp, udp } from "../../packet/sample.ts";
import { decodeRecord } from "./sample.ts";

/** Receiver and sender. */
const ADDRESSES = hex("02005e100002 02005e100001");

function frame(...parts: Uint8Array[]) {
  return decodeRecord(1, concat(ADDRESSES, ...parts));
}

Deno.test("An Ethernet frame gives its header, the sender's address and the packet", () => {
  const packet = frame(hex("0800"), ipv4(6, tcp()));
  assertEquals([packet.family, packet.hwProtocol, packet.hardwareType], [2, 0x0800, 1]);
  assertEquals(packet.hardwareAddress, "02:00:5e:10:00:01");
  assertEquals(packet.ethernet?.destination, "02:00:5e:10:00:02");
  assertEquals(packet.hardwareHeader, concat(ADDRESSES, hex("0800")));
  assertEquals(packet.payload, ipv4(6, tcp()));
  assertEquals(packet.tcp?.destinationPort, 443);
});

Deno.test("IPv6 and ARP are detected by the EtherType", () => {
  assertEquals(frame(hex("86dd"), ipv6(17, udp())).udp?.destinationPort, 53);
  const arp = frame(
    hex("0806 0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202"),
    new Uint8Array(18),
  );
  assertEquals([arp.family, arp.arp?.operation], [3, 1]);
});

Deno.test("Padding of a short frame is not part of the IP packet", () => {
  const four = ipv4(17, udp(53, new Uint8Array(1)));
  assertEquals(frame(hex("0800"), four, new Uint8Array(17)).payload, four);
  const six = ipv6(17, udp(53, new Uint8Array(1)));
  assertEquals(frame(hex("86dd"), six, new Uint8Array(9)).payload, six);
});

Deno.test("A length of 0, as in packets for segmentation offload, removes nothing", () => {
  const four = ipv4(17, udp(), { totalLength: 0 });
  assertEquals(frame(hex("0800"), four).payload, four);
  const six = ipv6(17, udp(), { payloadLength: 0 });
  assertEquals(frame(hex("86dd"), six).payload, six);
});

Deno.test("Bytes after a jumbogram with the length of its option are removed", () => {
  const data = new Uint8Array(70_000 - 28);
  const whole = concat(jumbogram(70_000), data);
  const packet = frame(hex("86dd"), whole, new Uint8Array(4));
  assertEquals([packet.payload?.length, packet.originalLength], [whole.length, 70_040]);
});

Deno.test("A VLAN tag is reported separately, as the kernel does", () => {
  const packet = frame(hex("8100 b064 0800"), ipv4(6, tcp()));
  assertEquals([packet.family, packet.hwProtocol], [2, 0x0800]);
  assertEquals(packet.vlan, { protocol: 0x8100, id: 100, priority: 5, dropEligible: true });
  assertEquals(packet.vlans.length, 1);
  assertEquals(packet.hardwareHeader?.length, 14);
  assertEquals(packet.tcp?.destinationPort, 443);
});

Deno.test("Of two VLAN tags the outer one is reported, and the packet is found after both", () => {
  const packet = frame(hex("88a8 0064 8100 00c8 86dd"), ipv6(6, tcp()));
  assertEquals([packet.vlan?.protocol, packet.vlan?.id], [0x88a8, 100]);
  assertEquals(packet.tcp?.destinationPort, 443);
});

Deno.test("A VLAN tag that was cut stays where it is", () => {
  const packet = frame(hex("8100 b064 08"));
  assertEquals([packet.family, packet.hwProtocol, packet.vlan], [undefined, 0x8100, undefined]);
  assertEquals([packet.payload?.length, packet.ip], [3, undefined]);
});

Deno.test("A frame with a length in place of the EtherType has the kernel's number for such", () => {
  const packet = frame(hex("0026 4242 03"), new Uint8Array(35));
  assertEquals([packet.family, packet.hwProtocol, packet.payload?.length], [undefined, 4, 38]);
});

Deno.test("A frame that ends with its header has an empty payload", () => {
  assertEquals(frame(hex("0800")).payload?.length, 0);
});
