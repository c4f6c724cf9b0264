import { assertEquals, assertThrows } from "@std/assert";
import { packet, type PacketFields } from "nfscribe/testing";
import { ConfigError } from "../../src/errors.ts";
import { hex } from "../packet/sample.ts";

Deno.test("A packet without fields is a TCP SYN that came in by eth0", () => {
  const syn = packet();
  assertEquals([syn.source, syn.sourcePort], ["192.0.2.1", 40000]);
  assertEquals([syn.destination, syn.destinationPort], ["192.0.2.2", 80]);
  assertEquals([syn.tcp?.flagNames, syn.family, syn.hwProtocol], ["SYN", 2, 0x0800]);
  assertEquals([syn.hook, syn.inDev?.name, syn.outDev], [1, "eth0", undefined]);
  assertEquals([syn.prefix, syn.mark, syn.uid, syn.hardwareAddress], [
    "",
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals([syn.time, syn.timestamp], [1_700_000_000_000_000, 1_700_000_000_000_000]);
  assertEquals(syn.defect, undefined);
});

Deno.test("The bytes are those of a real packet, checksums included", () => {
  // Checksums worked out by another program (RFC 1071).
  assertEquals(
    packet().payload,
    hex(`
      45 00 0028 0001 4000 40 06 b6cb c0000201 c0000202
      9c40 0050 000003e8 00000000 50 02 faf0 9075 0000`),
  );
});

Deno.test("Every field is found again in the packet", () => {
  const all = packet({
    source: "2001:db8::a",
    destination: "2001:db8::b",
    ttl: 3,
    trafficClass: 0xb9,
    tcp: {
      sourcePort: 1,
      destinationPort: 2,
      flags: "syn, ack",
      sequenceNumber: 0xffff_ffff,
      acknowledgmentNumber: 4,
      window: 5,
    },
    data: "grüße",
    prefix: "drop ✗ ",
    mark: 0xdeadbeef,
    uid: 1000,
    gid: 1001,
    inDev: "wan",
    outDev: "lan",
    hardwareAddress: "02:00:5E:10:00:09",
    time: 1_700_000_000_123_456,
    timestamp: 1_700_000_000_000_007,
  });
  assertEquals([all.source, all.destination], ["2001:db8::a", "2001:db8::b"]);
  assertEquals([all.ip?.hopLimit, all.ip?.trafficClass], [3, 0xb9]);
  const { tcp } = all;
  assertEquals([tcp?.sourcePort, tcp?.destinationPort, tcp?.flagNames], [1, 2, "ACK,SYN"]);
  assertEquals([tcp?.sequenceNumber, tcp?.acknowledgmentNumber, tcp?.window], [0xffff_ffff, 4, 5]);
  assertEquals(new TextDecoder().decode(all.payload?.subarray(60)), "grüße");
  assertEquals([all.prefix, all.mark, all.uid, all.gid], ["drop ✗ ", 0xdeadbeef, 1000, 1001]);
  assertEquals([all.hook, all.inDev?.name, all.outDev?.name], [2, "wan", "lan"]);
  assertEquals([all.hardwareAddress, all.ethernet?.source, all.ethernet?.etherType], [
    "02:00:5e:10:00:09",
    "02:00:5e:10:00:09",
    0x86dd,
  ]);
  assertEquals([all.time, all.timestamp], [1_700_000_000_000_007, 1_700_000_000_000_007]);
});

Deno.test("UDP, ICMP, ICMPv6 and any other protocol are made", () => {
  const udp = packet({ udp: { destinationPort: 514 }, data: new Uint8Array(9) });
  assertEquals([udp.udp?.destinationPort, udp.udp?.length], [514, 17]);
  const icmp = packet({ icmp: {} }).icmp;
  assertEquals([icmp?.echo, icmp?.identifier, icmp?.sequenceNumber], ["request", 1, 1]);
  const icmpv6 = packet({ icmpv6: { type: 129, identifier: 7 } });
  assertEquals([icmpv6.source, icmpv6.icmpv6?.echo, icmpv6.icmpv6?.identifier], [
    "2001:db8::1",
    "reply",
    7,
  ]);
  const reply = packet({ icmpv6: { type: 129 } }).icmpv6;
  assertEquals([reply?.identifier, reply?.sequenceNumber], [1, 1]);
  const gre = packet({ protocol: 47, data: new Uint8Array([0, 0, 8, 0]) });
  assertEquals([gre.protocol, gre.gre?.protocol], [47, 0x0800]);
});

Deno.test("An ICMP error quotes the whole packet that it is given", () => {
  const about = packet({ udp: { destinationPort: 161 } }).payload!;
  const { icmp } = packet({ icmp: { type: 3, code: 3 }, data: about });
  assertEquals([icmp?.embedded?.destinationPort, icmp?.restOfHeader], [161, 0]);
  const about6 = packet({ source: "2001:db8::1", udp: { destinationPort: 161 } }).payload!;
  const { icmpv6 } = packet({ icmpv6: { type: 1, code: 4 }, data: about6 });
  assertEquals(icmpv6?.embedded?.destinationPort, 161);
});

Deno.test("The hook follows from the interfaces, and the stamp from the hook, as in the kernel", () => {
  const output = packet({ outDev: "eth1" });
  assertEquals([output.hook, output.inDev, output.outDev?.name], [3, undefined, "eth1"]);
  assertEquals([output.timestamp, output.time], [undefined, 1_700_000_000_000_000]);
  assertEquals(packet({ hook: "postrouting", outDev: "eth1" }).hook, 4);
  assertEquals(packet({ hook: "prerouting" }).hook, 0);
  const same = packet({ inDev: "br0", outDev: "br0" });
  assertEquals([same.inDev?.index, same.outDev?.index], [2, 2]);
});

Deno.test("A mark of 0 is absent, as from the kernel", () => {
  assertEquals(packet({ mark: 0 }).mark, undefined);
});

Deno.test("One address alone decides about the other", () => {
  assertEquals(packet({ destination: "fe80::9", udp: {} }).source, "2001:db8::1");
  assertEquals(packet({ source: "::1" }).destination, "2001:db8::2");
  assertEquals(packet({ destination: "10.0.0.1" }).source, "192.0.2.1");
});

Deno.test("The longest packets are made, longer ones are refused", () => {
  assertEquals(packet({ udp: {}, data: new Uint8Array(65507) }).payload?.length, 65535);
  refused({ udp: {}, data: new Uint8Array(65508) }, "data: is too long: with its header 65516");
  assertEquals(packet({ icmpv6: {}, data: new Uint8Array(65527) }).payload?.length, 65575);
  refused({ icmpv6: {}, data: new Uint8Array(65528) }, "and 65535 is the most");
});

Deno.test("Nonsense is refused, each with what would be right", () => {
  refused({ source: "192.0.2" }, 'source: must be an IP address, not "192.0.2"');
  refused({ source: "::1", destination: "127.0.0.1" }, "must be of the same IP version as source");
  refused({ tcp: {}, udp: {} }, "udp: cannot stand beside tcp; remove one");
  refused({ icmp: {}, protocol: 1 }, "protocol: cannot stand beside icmp");
  refused({ source: "::1", icmp: {} }, "icmp: cannot be in an IPv6 packet; name icmpv6");
  refused({ source: "127.0.0.1", icmpv6: {} }, "icmpv6: cannot be in an IPv4 packet; name icmp");
  refused({ tcp: { flags: "SYN+ACK" } }, `tcp.flags: must be flags by name, as in "SYN,ACK"`);
  refused(
    { tcp: { destinationPort: 65536 } },
    "tcp.destinationPort: must be a whole number from 0",
  );
  refused({ ttl: 256 }, "ttl: must be a whole number from 0 to 255, not 256");
  refused({ hardwareAddress: "02:00" }, "hardwareAddress: must be an Ethernet address");
  refused({ hook: "ingress" as "input" }, "hook: must be prerouting, input, forward, output or");
  refused({ data: 5 as unknown as string }, "data: must be text or a Uint8Array, not 5");
  refused({ tcp: 80 as never }, "tcp: ");
  refused({ tcp: { port: 80 } } as never, "tcp.port: unknown key");
  refused({ sorce: "::1" } as never, 'sorce: unknown key; did you mean "source"?');
});

Deno.test("All that is wrong is told at once", () => {
  const error = assertThrows(() => packet({ ttl: -1, udp: { sourcePort: 0.5 } }), ConfigError);
  assertEquals(error.problems.map(({ key }) => key), ["ttl", "udp.sourcePort"]);
});

function refused(fields: PacketFields, message: string): void {
  assertThrows(() => packet(fields), ConfigError, message);
}
