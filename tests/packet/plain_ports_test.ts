import { assertEquals } from "@std/assert";
import { ABSENT } from "../../src/packet/absent.ts";
import { findLayers } from "../../src/packet/find_layers.ts";
import { portOf } from "../../src/packet/packet_headers.ts";
import { plainPortsAt } from "../../src/packet/plain_ports.ts";
import { concat, ipv4, ipv6, packetOf, rawPacket, tcp, udp } from "./sample.ts";

Deno.test("The ports of plain TCP and UDP are found without the other headers", () => {
  const fields = { hwProtocol: 0x0800 };
  assertEquals(plainPortsAt(rawPacket(ipv4(6, tcp()), fields)), 20);
  assertEquals(
    plainPortsAt(rawPacket(ipv4(17, udp(), { options: new Uint8Array(8) }), fields)),
    28,
  );
});

Deno.test("Other packets are left to the search for all headers", () => {
  const fields = { hwProtocol: 0x0800 };
  assertEquals(plainPortsAt(rawPacket(undefined, fields)), ABSENT);
  assertEquals(plainPortsAt(rawPacket(ipv4(132, tcp()), fields)), ABSENT);
  assertEquals(plainPortsAt(rawPacket(ipv4(6, tcp(), { fragment: 1 }), fields)), ABSENT);
  assertEquals(
    plainPortsAt(rawPacket(ipv6(6, tcp()), { family: 10, hwProtocol: 0x86dd })),
    ABSENT,
  );
});

Deno.test("A packet's ports are those that its headers have, whatever is wrong with them", () => {
  const usual = concat(ipv4(6, tcp(443)), new Uint8Array(20));
  // Version and header length, total length, fragment offset, protocol.
  for (const at of [0, 2, 3, 6, 7, 9]) {
    for (let value = 0; value < 256; value++) {
      for (const length of [0, 1, 19, 20, 21, 23, 24, 40, usual.length]) {
        const payload = usual.slice(0, length);
        if (at < length) payload[at] = value;
        for (const hwProtocol of [0x0800, 0x86dd, ABSENT]) {
          const packet = packetOf(payload, { hwProtocol });
          const layers = findLayers(rawPacket(payload, { hwProtocol }));
          const message = `byte ${at} is ${value}, of ${length}`;
          assertEquals(packet.sourcePort, portOf(layers, 0), message);
          assertEquals(packet.destinationPort, portOf(layers, 2), message);
        }
      }
    }
  }
});
