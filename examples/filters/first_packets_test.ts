import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import filter from "./first_packets.ts";

const START = 1_800_000_000_000_000;

/** Returns a packet between port 50000 of a client and port 443 of the server. */
function between(
  client: string,
  direction: "out" | "back",
  { seconds = 0, flags = "ACK" } = {},
) {
  const timestamp = START + seconds * 1e6;
  return direction === "out"
    ? packet({
      source: client,
      destination: "192.0.2.200",
      tcp: { sourcePort: 50000, destinationPort: 443, flags },
      timestamp,
    })
    : packet({
      source: "192.0.2.200",
      destination: client,
      tcp: { sourcePort: 443, destinationPort: 50000, flags },
      timestamp,
    });
}

Deno.test("The first ten packets of a connection are kept, both directions counted as one", () => {
  const verdicts = Array.from(
    { length: 15 },
    (_, n) => filter(between("192.0.2.1", n % 2 === 0 ? "out" : "back")),
  );
  assertEquals(verdicts, [["pcap", "logemu"], ...Array(9).fill("pcap"), ...Array(5).fill(false)]);
});

/** Uses up what is kept of a connection. */
function fill(client: string, seconds: number): void {
  for (let n = 0; n < 10; n++) filter(between(client, "out", { seconds }));
  assertEquals(filter(between(client, "back", { seconds })), false);
}

Deno.test("Another client, port or protocol is another connection", () => {
  fill("192.0.2.2", 0);
  assertEquals(filter(between("192.0.2.3", "out")), ["pcap", "logemu"]);
  const [source, destination] = ["192.0.2.2", "192.0.2.200"];
  for (
    const fields of [
      { tcp: { sourcePort: 50001, destinationPort: 443 } },
      { udp: { sourcePort: 50000, destinationPort: 443 } },
    ]
  ) {
    assertEquals(
      filter(packet({ source, destination, timestamp: START, ...fields })),
      ["pcap", "logemu"],
    );
  }
});

Deno.test("A SYN after the packets that are kept begins anew; one sent again before does not", () => {
  const syn = () => filter(between("192.0.2.4", "out", { flags: "SYN" }));
  assertEquals([syn(), syn()], [["pcap", "logemu"], "pcap"]);
  for (let n = 0; n < 8; n++) filter(between("192.0.2.4", "back"));
  assertEquals(filter(between("192.0.2.4", "back", { flags: "SYN,ACK" })), false);
  assertEquals(syn(), ["pcap", "logemu"]);
});

Deno.test("A connection is forgotten after two minutes of silence, and not before", () => {
  fill("192.0.2.5", 1000);
  assertEquals(filter(between("192.0.2.5", "out", { seconds: 1120 })), false);
  assertEquals(filter(between("192.0.2.5", "out", { seconds: 1241 })), ["pcap", "logemu"]);
});

Deno.test("Of more than 50,000 connections, the one not heard for longest is forgotten", () => {
  fill("192.0.2.6", 2000);
  fill("192.0.2.7", 2000);
  for (let n = 0; n < 49_998; n++) {
    filter(between(`10.0.${n >> 8}.${n & 255}`, "out", { seconds: 2000 }));
  }
  assertEquals(filter(between("192.0.2.8", "out", { seconds: 2000 })), ["pcap", "logemu"]);
  assertEquals(filter(between("192.0.2.7", "out", { seconds: 2000 })), false);
  assertEquals(filter(between("192.0.2.6", "out", { seconds: 2000 })), ["pcap", "logemu"]);
});
