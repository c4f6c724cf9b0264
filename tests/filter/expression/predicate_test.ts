import { assertEquals, assertThrows } from "@std/assert";
import { expression, StalePacketError } from "nfscribe";
import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../../src/filter/expression/predicate/compile.ts";
import { ActionTable } from "../../../src/packet/actions.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { concat, hex, ipv4, ipv6, rawPacket, tcp, udp } from "../../packet/sample.ts";

/** Returns whether an expression chooses a packet. */
function chooses(text: string, raw: RawPacket): boolean {
  return compilePredicate(packetExpression(text))(raw);
}

/** Returns a packet that a rule with this prefix logged. */
function logged(prefix: string | undefined, fields: Partial<RawPacket> = {}): RawPacket {
  const bytes = new TextEncoder().encode(prefix ?? "");
  const payload = ipv4(6, tcp(22));
  return rawPacket(undefined, {
    bytes: concat(bytes, payload),
    prefixOffset: 0,
    prefixLength: prefix === undefined ? -1 : bytes.length,
    payloadOffset: bytes.length,
    payloadLength: payload.length,
    hwProtocol: 0x0800,
    ...fields,
  });
}

/** Checks expressions that choose a packet, and those that do not. */
function check(raw: RawPacket, chosen: readonly string[], others: readonly string[]): void {
  for (const text of chosen) assertEquals(chooses(text, raw), true, text);
  for (const text of others) assertEquals(chooses(text, raw), false, text);
}

Deno.test("prefix is compared as a whole, or with a pattern", () => {
  check(
    logged("ssh in: "),
    [
      'prefix "ssh in: "',
      "prefix ssh*",
      'prefix "*in: "',
      'prefix "ssh?in*"',
      "prefix *",
      "prefix s*i*",
      "not prefix ssh",
      "prefix noise or ssh*",
    ],
    [
      "prefix ssh",
      'prefix "ssh in:"',
      'prefix "SSH*"',
      'prefix ""',
      "prefix x*",
      'prefix "ssh\\*"',
    ],
  );
  check(logged("a*b"), ["prefix a\\*b", 'prefix "a\\*b"', "prefix a*"], [
    "prefix a\\*",
    "prefix a\\?b",
  ]);
  check(logged("é\u2603"), ["prefix ??", "prefix é?", "prefix é*"], ["prefix ?", "prefix ???"]);
  for (const raw of [logged(""), logged(undefined)]) {
    check(raw, ['prefix ""', "prefix *"], ["prefix a", "prefix ?", "prefix a*"]);
  }
});

Deno.test("interfaces are compared by the names of their time, or by number", () => {
  const interfaces = new InterfaceTable().with([[2, "eth0"], [3, "wan-1"]]);
  const raw = logged("", { inDev: 2, outDev: 3, physInDev: 9, interfaces });
  check(
    raw,
    [
      "in eth0",
      "in eth*",
      "out wan-1",
      "out wan*",
      "physin 9",
      "not physout eth0",
      "in (lo or eth0)",
      "ifindex 3",
      "ifindex 2",
      "inbound",
      "outbound",
    ],
    ["in eth1", "out eth0", "physin eth0", "physout eth0", "ifindex 9"],
  );
  const isIn = compilePredicate(packetExpression("in eth0"));
  assertEquals(isIn(raw), true);
  raw.interfaces = interfaces.with([[2, "lan0"]]);
  assertEquals(isIn(raw), false);
  check(logged(""), ["not in eth0", "not inbound", "not outbound"], ["in *", "ifindex 0"]);
});

Deno.test("hook, family, mark, uid, gid, group, capture and action are compared", () => {
  const actions = new ActionTable({ "drop*": "drop" });
  const raw = logged("drop ", {
    hook: 1,
    mark: 0xffff_0001,
    uid: 1000,
    gid: 0,
    group: 2,
    capture: "edge",
    actions,
  });
  check(
    raw,
    [
      "hook input",
      "family ip",
      "mark 0xffff0001",
      "mark 1/0xff",
      "mark 0xffff0000/0xffff0000",
      "uid 1000",
      "uid >= 1000",
      "uid != 0",
      "gid 0",
      "gid < 1",
      "group 2",
      "capture edge",
      "capture e*",
      "action drop",
    ],
    [
      "hook output",
      "family bridge",
      "family ip6",
      "mark 1",
      "mark 2/0xff",
      "uid 0",
      "uid > 1000",
      "gid 1",
      "group 3",
      "capture e",
      "action accept",
      "not action drop",
    ],
  );
  // The kernel does not send a mark of 0; numbers that are absent fulfil nothing.
  check(logged(""), ["mark 0", "mark 0/0xff", "not uid 0", "not hook input"], [
    "uid 0",
    "uid != 0",
    "gid >= 0",
    "group < 5",
    "action drop",
    "hook ingress",
  ]);
  check(logged("", { family: 5, hook: 0 }), ["hook ingress", "family netdev"], ["hook prerouting"]);
});

Deno.test("a packet of the kernel's has its tag in an attribute", () => {
  const raw = logged("", { vlanProtocol: 0x8100, vlanTci: 0x2005, hwType: 1 });
  check(raw, ["vlan", "vlan 5", "tcp port 22", "vlan 5 and not vlan 6", "ether proto vlan"], [
    "vlan 6",
    "mpls",
    "pppoes",
  ]);
  const service = rawPacket(concat(hex("0064 8100 0065 0800"), ipv4(6, tcp(22))), {
    family: 7,
    hwProtocol: 0x88a8,
  });
  check(service, ["vlan 100 and vlan 101", "ip", "tcp port 22", "ether proto 0x88a8"], [
    "vlan 102",
  ]);
  const session = rawPacket(concat(hex("1100 0027 0000 0021"), ipv4(6, tcp(22))), {
    family: 5,
    hwProtocol: 0x8864,
  });
  check(session, ["pppoes", "pppoes 0x27", "tcp port 22"], ["pppoes 1", "vlan"]);
  const labels = rawPacket(concat(hex("00064040 000c8140"), ipv4(6, tcp(22))), {
    family: 5,
    hwProtocol: 0x8847,
  });
  check(labels, ["mpls", "mpls 100", "mpls 200", "tcp port 22"], ["mpls 300"]);
});

Deno.test("a link header counts if the kernel sent it", () => {
  const header = hex("02005e100002 02005e100001 0800");
  const payload = ipv4(17, udp(53));
  const raw = rawPacket(undefined, {
    bytes: concat(hex("ffff"), header, hex("eeee"), payload),
    hwType: 1,
    hwHeaderOffset: 2,
    hwHeaderLength: 14,
    payloadOffset: 18,
    payloadLength: payload.length,
    hwProtocol: 0x0800,
  });
  check(
    raw,
    [
      "ether src 02:00:5e:10:00:01",
      "ether host 02:00:5e:10:00:02",
      "ether[12:2] = 0x800",
      "ether[14] = 0x45",
      "ether[13:2] = 0x45",
      "len = 32",
      "udp port 53",
    ],
    ["ether multicast", "ether src 02:00:5e:10:00:02", "ether[100] = 0", "not ether[100] = 0"],
  );
  // Without one, nothing is true of it; its sender may be known alone.
  check(rawPacket(payload), ["not ether multicast", "not ether src 02:00:5e:10:00:01"], [
    "ether[0] & 1 = 0",
    "not ether[0] & 1 = 0",
    "broadcast",
  ]);
  const sender = rawPacket(concat(payload, hex("02005e100001 0000")), {
    payloadLength: payload.length,
    hwAddressOffset: payload.length,
    hwAddressLength: 6,
  });
  check(sender, ["ether src 02:00:5e:10:00:01"], ["ether dst 02:00:5e:10:00:01"]);
});

Deno.test("a packet is not chosen if bytes that are asked for were not captured", () => {
  const cut = rawPacket(ipv4(6, tcp(22)).slice(0, 20));
  check(cut, ["tcp", "host 192.0.2.1", "not udp port 22", "tcp or port 22"], [
    "tcp port 22",
    "not tcp port 22",
    "port 22 or tcp",
    "tcp[0] = 0",
  ]);
  check(rawPacket(undefined), ["ip", "not ip6"], ["tcp", "not tcp", "host 1.2.3.4"]);
});

Deno.test("extension headers of IPv6 are passed over", () => {
  const options = concat(hex("2c 00 0104 00000000"), hex("06 00 0000 00000001"), tcp(22));
  check(
    rawPacket(ipv6(60, options), { family: 10, hwProtocol: 0x86dd }),
    ["tcp", "tcp port 22", "ip6 proto 60", "ip6 proto 44", "proto 6", "ip6 protochain 6"],
    ["ip6 proto 43", "udp", "tcp[13] = 2"],
  );
  const later = concat(hex("06 00 0008 00000001"), tcp(22));
  check(rawPacket(ipv6(44, later), { family: 10, hwProtocol: 0x86dd }), ["tcp"], ["tcp port 22"]);
});

Deno.test("expression() gives a predicate over packets", () => {
  const isSsh = expression("tcp port 22 and prefix ssh*");
  assertEquals(isSsh(new Packet(logged("ssh"))), true);
  assertEquals(isSsh(new Packet(logged("web"))), false);
  const raw = logged("ssh");
  const packet = new Packet(raw);
  raw.begin(raw.bytes, 0, raw.bytes.length);
  assertThrows(() => isSsh(packet), StalePacketError);
});
