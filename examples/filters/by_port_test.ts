import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import filter from "./by_port.ts";

Deno.test("Mail and name service are kept in both directions, of TCP and UDP", () => {
  for (
    const fields of [
      { tcp: { destinationPort: 143 } },
      { tcp: { sourcePort: 994, destinationPort: 50000 } },
      { udp: { destinationPort: 53 } },
    ]
  ) assertEquals(filter(packet(fields)), ["pcap", "logemu"]);
});

Deno.test("Everything else is a line", () => {
  assertEquals(filter(packet({ tcp: { sourcePort: 50000, destinationPort: 992 } })), "logemu");
  assertEquals(filter(packet({ icmp: {} })), "logemu");
});
