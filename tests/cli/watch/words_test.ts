import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { wordsAsJson, wordsOf } from "../../../src/cli/watch/words.ts";

/** 2026-11-25T10:26:13.123456Z */
const time = 1_795_602_373_123_456;

Deno.test("wordsOf() takes the line of a packet apart", () => {
  const line = String(packet({ time, prefix: 'a "b" \\ > c=d ', uid: 1000, outDev: "eth1" }));
  const { figures, ...words } = wordsOf(line);
  assertEquals(words, {
    time: "2026-11-25T10:26:13.123456Z",
    hook: "output",
    out: "eth1",
    prefix: 'a \\"b\\" \\\\ > c=d ',
    source: "192.0.2.1:40000",
    destination: "192.0.2.2:80",
    what: "TCP SYN",
    length: 40,
  });
  assertEquals(figures.includes("uid=1000"), true);
});

Deno.test("wordsOf() takes lines apart that have less, or something else", () => {
  const at = "2026-11-25T10:26:13.123456Z";
  assertEquals(wordsOf(`${at} no payload`), { time: at, what: "no payload", figures: [] });
  assertEquals(wordsOf(`${at} hook=9 in=br0 ethertype=0x88cc length=60`), {
    time: at,
    hook: "hook=9",
    in: "br0",
    what: "",
    length: 60,
    figures: ["ethertype=0x88cc"],
  });
  const arp = wordsOf(`${at} input in=lo 10.0.0.1 > 10.0.0.2 ARP request from=02:00:00:00:00:01`);
  assertEquals([arp.source, arp.destination, arp.what], ["10.0.0.1", "10.0.0.2", "ARP request"]);
  assertEquals(wordsOf(""), { time: "", what: "", figures: [] });
});

Deno.test("wordsAsJson() has addresses without ports, numbers as numbers, the prefix as it was", () => {
  const made = packet({
    time,
    prefix: 'a "b"\n',
    source: "2001:db8::7",
    udp: { sourcePort: 53 },
    mark: 16,
  });
  assertEquals(wordsAsJson(wordsOf(String(made))), {
    time: "2026-11-25T10:26:13.123456Z",
    hook: "input",
    in: "eth0",
    prefix: 'a "b"\n',
    source: "2001:db8::7",
    sourcePort: 53,
    destination: "2001:db8::2",
    destinationPort: 53,
    protocol: "UDP",
    mark: "0x10",
    length: 48,
  });
  const ping = wordsAsJson(wordsOf(String(packet({ time, icmp: {} }))));
  assertEquals([ping.source, ping.sourcePort, ping.info], ["192.0.2.1", undefined, "echo request"]);
});

Deno.test("wordsAsJson() has the names of interfaces as they were", () => {
  const { in: inDev } = wordsAsJson(wordsOf(String(packet({ time, inDev: "a\n b\u202e" }))));
  assertEquals(inDev, "a\n b\u202e");
});

Deno.test("wordsAsJson() takes a line that no packet makes, as a broken sandbox may tell it", () => {
  assertEquals(wordsAsJson(wordsOf('x "\\q" y')).prefix, "\\q");
});
