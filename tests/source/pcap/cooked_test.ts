import { assertEquals } from "@std/assert";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import { BIG_ENDIAN } from "../../../src/pcap/read/layout.ts";
import { concat, hex, ipv4, ipv6, udp } from "../../packet/sample.ts";
import { batch, decodeBatch, decodeRecord } from "./sample.ts";

const [NULL, LOOP, SLL, SLL2] = [0, 108, 113, 276];

Deno.test("A Linux cooked packet has its sender's address and its protocol", () => {
  // outgoing, ARPHRD_ETHER, 6 bytes of address and 2 of padding, IPv4
  const head = hex("0004 0001 0006 02005e100001 0000 0800");
  const packet = decodeRecord(SLL, concat(head, ipv4(17, udp())));
  assertEquals(packet.udp?.destinationPort, 53);
  assertEquals([packet.family, packet.hwProtocol], [2, 0x0800]);
  assertEquals(packet.hardwareAddress, "02:00:5e:10:00:01");
});

Deno.test("A VLAN tag after a cooked header is reported as the kernel does", () => {
  const head = hex("0000 0001 0006 02005e100001 0000 8100 6064 86dd");
  const packet = decodeRecord(SLL, concat(head, ipv6(17, udp())));
  assertEquals(packet.udp?.destinationPort, 53);
  assertEquals([packet.family, packet.vlan?.id, packet.vlan?.priority], [10, 100, 3]);
});

Deno.test("A Linux cooked packet of version 2 names its interface by number, in or out", () => {
  const head = (type: string) => hex(`0800 0000 00000007 0001 ${type} 06 02005e100001 0000`);
  const incoming = decodeRecord(SLL2, concat(head("00"), ipv4(17, udp())));
  assertEquals([incoming.inDev?.index, incoming.outDev], [7, undefined]);
  assertEquals(incoming.udp?.destinationPort, 53);
  const outgoing = decodeRecord(SLL2, concat(head("04"), ipv4(17, udp())));
  assertEquals([outgoing.inDev, outgoing.outDev?.index], [undefined, 7]);
});

Deno.test("A loopback packet has its family in either byte order, whatever the file's", () => {
  const [four, six] = [ipv4(17, udp()), ipv6(17, udp())];
  for (const linkType of [NULL, LOOP]) {
    for (const fileOrder of [0, BIG_ENDIAN]) {
      for (
        const order of [
          (family: string) => `${family}000000`,
          (family: string) => `000000${family}`,
        ]
      ) {
        const decode = (family: string, data: Uint8Array) =>
          decodeRecord(linkType, concat(hex(order(family)), data), fileOrder);
        assertEquals(decode("02", four).family, 2);
        // BSD/OS and NetBSD, FreeBSD, Darwin; Linux; Windows
        for (const family of ["18", "1c", "1e", "0a", "17"]) {
          const packet = decode(family, six);
          assertEquals([packet.family, packet.udp?.destinationPort], [10, 53]);
        }
        assertEquals(decode("07", four).family, undefined);
      }
    }
  }
});

Deno.test("A packet shorter than its header is malformed", () => {
  for (const [linkType, header] of [[NULL, 4], [LOOP, 4], [SLL, 16], [SLL2, 20]] as const) {
    const decoder = new PcapDecoder();
    const records = [new Uint8Array(header - 1), new Uint8Array(header)];
    assertEquals(decodeBatch(batch(linkType, records), decoder).length, 1);
    assertEquals([decoder.received, decoder.malformed], [2, 1]);
  }
});
