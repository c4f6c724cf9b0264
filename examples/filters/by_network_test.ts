import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import filter from "./by_network.ts";

const verdict = (source: string, destination: string) => filter(packet({ source, destination }));

Deno.test("What crosses the border is kept, in both directions", () => {
  assertEquals(verdict("10.1.2.3", "192.0.2.1"), ["pcap", "logemu"]);
  assertEquals(verdict("192.0.2.1", "192.168.255.255"), ["pcap", "logemu"]);
  assertEquals(verdict("fd00::1", "2001:db8::1"), ["pcap", "logemu"]);
});

Deno.test("What stays inside is dropped", () => {
  assertEquals(verdict("10.1.2.3", "172.31.0.1"), false);
});

Deno.test("What stays outside is a line", () => {
  assertEquals(verdict("192.0.2.1", "172.32.0.1"), "logemu");
});
