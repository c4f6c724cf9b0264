import { assertEquals, assertThrows } from "@std/assert";
import { StalePacketError } from "nfscribe";
import { packet } from "nfscribe/testing";
import { concat, hex, icmp, ipv4, ipv6, packetOf, rawPacket, tcp, udp } from "./sample.ts";
import { Packet } from "../../src/packet/packet.ts";

/** 2026-11-23T05:56:12.123456Z */
const STAMP = { seconds: 1_795_413_372, nanoseconds: 123_456_000 };

/** Converts the form to JSON and back. */
function json(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("The structured form has what the rule, the kernel and the headers say", () => {
  const payload = ipv4(6, tcp());
  const bytes = concat(payload, hex("70696e67")); // "ping"
  const form = json(packetOf(bytes, {
    ...STAMP,
    hook: 1,
    inDev: 2,
    mark: 0x2a,
    uid: 0,
    seq: 0,
    payloadLength: payload.length,
    prefixOffset: payload.length,
    prefixLength: 4,
  }));
  const { ip, tcp: header, ...top } = form;
  assertEquals(top, {
    type: "packet",
    version: 1,
    time: "2026-11-23T05:56:12.123456Z",
    seq: 0,
    prefix: "ping",
    hook: "input",
    in: "2",
    mark: 42,
    uid: 0,
    source: "192.0.2.1",
    sourcePort: 40000,
    destination: "198.51.100.2",
    destinationPort: 443,
    protocol: "TCP",
    length: 40,
  });
  assertEquals((ip as Record<string, unknown>).protocol, 6);
  const { flagNames, sequenceNumber } = header as Record<string, unknown>;
  assertEquals([flagNames, sequenceNumber], ["SYN", 2309737967]);
});

Deno.test("What is unknown is absent from the structured form, never 0", () => {
  const bytes = ipv6(17, udp());
  const form = json(packetOf(bytes, { family: 10 }));
  for (const name of ["seq", "prefix", "hook", "in", "out", "mark", "uid", "gid", "vlan", "arp"]) {
    assertEquals(Object.hasOwn(form, name), false, name);
  }
  assertEquals(form.source, "2001:db8::1");
});

Deno.test("The structured form of an ICMP error has the packet that it quotes", () => {
  const quoted = ipv4(17, udp());
  const form = json(packetOf(ipv4(1, concat(icmp(3, 1), quoted)), {}));
  const { embedded } = form.icmp as { embedded: Record<string, unknown> };
  assertEquals(
    [embedded.protocol, embedded.destinationPort, (embedded.udp as { length: number }).length],
    ["UDP", 53, udp().length],
  );
});

Deno.test("Every field of a header is the one that its getter returns", () => {
  for (const fields of [{ tcp: { flags: "SYN,ACK" } }, { udp: {} }, { icmp: {} }] as const) {
    const one = packet(fields);
    const form = json(one);
    const names = Object.keys(fields) as (keyof typeof one & string)[];
    for (const name of ["ip", ...names]) {
      const header = one[name as "ip"] as unknown as Record<string, unknown>;
      for (const [field, value] of Object.entries(form[name] as object)) {
        if (typeof value !== "object") assertEquals(value, header[field], `${name}.${field}`);
      }
    }
  }
});

Deno.test("A VLAN tag left in the frame is among all tags, the one that the device took off by itself", () => {
  const bytes = concat(hex("0064 0800"), ipv4(17, udp()));
  const fields = { family: 7, hwProtocol: 0x8100 };
  const left = packetOf(bytes, fields).toJSON();
  assertEquals([left.vlan, left.vlans?.map(({ id }) => id)], [undefined, [100]]);
  const taken = packetOf(ipv4(17, udp()), { vlanProtocol: 0x8100, vlanTci: 7 }).toJSON();
  assertEquals([taken.vlan?.id, taken.vlans], [7, undefined]);
  const both = packetOf(bytes, { ...fields, vlanProtocol: 0x88a8, vlanTci: 7 }).toJSON();
  assertEquals([both.vlan?.id, both.vlans?.map(({ id }) => id)], [7, [7, 100]]);
});

Deno.test("Attached fields and the source's name are in the structured form", () => {
  const raw = rawPacket(ipv4(17, udp()), {});
  raw.capture = "nflog:2";
  raw.extra = new TextEncoder().encode('{"country":"ä"}');
  const { capture, extra } = json(new Packet(raw));
  assertEquals([capture, extra], ["nflog:2", { country: "ä" }]);
});

Deno.test("The structured form of a packet whose memory holds another one is an error", () => {
  const raw = rawPacket(ipv4(17, udp()), {});
  const stale = new Packet(raw);
  raw.generation++;
  assertThrows(() => JSON.stringify(stale), StalePacketError);
});

Deno.test("console.log() shows a packet as its line", () => {
  const one = packet({ icmp: {} });
  assertEquals(Deno.inspect(one), String(one));
});
