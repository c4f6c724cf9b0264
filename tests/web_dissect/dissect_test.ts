import { assertEquals, assertGreater } from "@std/assert";
import { Packet } from "../../src/packet/packet.ts";
import { dissect } from "../../src/web/dissect/dissect.ts";
import { FIELDS_MAX } from "../../src/web/dissect/field.ts";
import { Random } from "../fuzz/random.ts";
import { rawPackets } from "../packet/random_packets.ts";
import { concat, hex, ipv4, ipv6, tcp, udp } from "../packet/sample.ts";
import { requireAgreement } from "./agreement.ts";
import { checkFields, named } from "./check.ts";

const IPV4 = { etherType: 0x0800 };
const IPV6 = { etherType: 0x86dd };

/** Returns the names and values of fields. */
function pairs(bytes: Uint8Array, name: string, known = IPV4): string[] {
  const fields = dissect(bytes, known);
  checkFields(fields, bytes.length);
  return named(fields, name)[0]?.fields?.map(({ name, value }) => `${name}: ${value}`) ?? [];
}

/** Returns the names and values of the outermost fields. */
function layers(bytes: Uint8Array, known: { etherType?: number; source?: string } = IPV4) {
  const fields = dissect(bytes, known);
  checkFields(fields, bytes.length);
  return fields.map(({ name, value }) => `${name}: ${value}`);
}

Deno.test("dissect() reads options of TCP", () => {
  const options = hex(`
    02 04 05b4            # MSS 1460
    04 02                 # SACK permitted
    08 0a 00000001 00000000
    01
    03 03 07`);
  const segment = concat(tcp(443, 0x12), options, hex("474554"));
  segment[12] = (20 + options.length) / 4 << 4;
  const bytes = ipv4(6, segment);
  assertEquals(pairs(bytes, "TCP").slice(0, 8), [
    "sourcePort: 40000",
    "destinationPort: 443 (https)",
    "sequenceNumber: 2309737967",
    "acknowledgmentNumber: 1985229328",
    "headerLength: 40 bytes",
    "reserved: 0",
    "accurateEcn: 0",
    "flags: 0x12 (ACK, SYN)",
  ]);
  assertEquals(
    pairs(bytes, "options"),
    [
      "option: maximum segment size 1460",
      "option: SACK permitted",
      "option: timestamps 1, echo reply 0",
      "option: no operation",
      "option: window scale 7 (× 128)",
    ].map((line) => line.replace("7 (× 128)", "7")),
  );
  assertEquals(layers(bytes)[2], "data: 3 bytes");
});

Deno.test("dissect() says where a packet is torn, whatever the place", () => {
  const whole = ipv4(6, concat(tcp(), new Uint8Array(10)));
  for (let length = 0; length < whole.length; length++) {
    const fields = dissect(whole.subarray(0, length), IPV4);
    checkFields(fields, length);
    const marks = named(fields, "truncated");
    assertEquals([marks.length, named(fields, "malformed").length], [1, 0], `${length}`);
    assertEquals(marks[0]!.offset + marks[0]!.length, length);
  }
  assertEquals(layers(whole.subarray(0, 42)), [
    "IPv4: 192.0.2.1 > 198.51.100.2",
    "TCP: 40000 > 443 SYN",
    "data: 2 bytes",
    "truncated: 8 bytes more are not captured",
  ]);
});

Deno.test("dissect() says which length is wrong", () => {
  const short = ipv4(6, tcp());
  short[32] = 0x40;
  assertEquals(
    named(dissect(short, IPV4), "malformed")[0]?.value,
    "a header has at least 20 bytes",
  );
  const long = ipv4(17, udp(), { totalLength: 24 });
  assertEquals(layers(long).slice(1), [
    "UDP: 40000 > 53",
    "trailer: bytes after the end of the packet",
  ]);
  assertEquals(
    named(dissect(long, IPV4), "malformed")[0]?.value,
    "length needs 2 bytes, and 0 bytes are left",
  );
});

Deno.test("dissect() reads the packet that an error quotes, up to where the quote ends", () => {
  const quoted = ipv4(17, udp(53)).subarray(0, 28);
  const fields = dissect(ipv4(1, concat(hex("03 04 0000 0000 05dc"), quoted)), IPV4);
  const [, icmp] = fields;
  assertEquals(icmp?.value, "destination unreachable, fragmentation needed");
  assertEquals(icmp?.fields?.map(({ name, value }) => `${name}: ${value}`).slice(3), [
    "unused: 0",
    "length: 0 bytes",
    "mtu: 1500",
    "quoted packet: 192.0.2.1 > 198.51.100.2",
  ]);
  assertEquals(icmp?.fields?.at(-1)?.fields?.map(({ name, value }) => `${name}: ${value}`), [
    "IPv4: 192.0.2.1 > 198.51.100.2",
    "UDP: 40000 > 53",
    "truncated: 4 bytes more are not quoted",
  ]);
  assertEquals(named(fields, "destinationPort")[0]?.offset, 20 + 8 + 20 + 2);
});

Deno.test("dissect() reads extension headers of IPv6", () => {
  const chain = concat(
    hex("2c 00 01 04 00000000"), // hop-by-hop options: PadN; a fragment header follows
    hex("11 00 0001 00000007"), // the first fragment; UDP follows
    udp(53),
  );
  assertEquals(layers(ipv6(0, chain), IPV6), [
    "IPv6: 2001:db8::1 > 2001:db8::2",
    "hop-by-hop options: ",
    "fragment header: first",
    "UDP: 40000 > 53",
    "data: 4 bytes",
  ]);
  const later = concat(hex("11 00 0008 00000007"), new Uint8Array(8));
  assertEquals(layers(ipv6(44, later), IPV6).slice(1), [
    "fragment header: from byte 8 on",
    "data: 8 bytes",
  ]);
});

Deno.test("dissect() finds the first header, which rows do not tell", () => {
  const addresses = hex("02005e100002 02005e100001");
  const packet = ipv4(6, tcp());
  const tag = hex("6064 0800");
  const source = "192.0.2.1";
  const inner = ["IPv4: 192.0.2.1 > 198.51.100.2", "TCP: 40000 > 443 SYN"];
  assertEquals(layers(packet, {}), inner);
  assertEquals(layers(concat(addresses, hex("0800"), packet)), [
    "Ethernet: 02:00:5e:10:00:01",
    ...inner,
  ]);
  assertEquals(layers(concat(tag, packet), { etherType: 0x8100, source }), [
    "VLAN tag: 100",
    ...inner,
  ]);
  assertEquals(layers(packet, { etherType: 0x8100, source }), inner);
  assertEquals(
    layers(concat(addresses, hex("8100"), tag, packet), { etherType: 0x8100, source }),
    ["Ethernet: 02:00:5e:10:00:01", "VLAN tag: 100", ...inner],
  );
  // An Ethernet address that looks like the first byte of an IPv4 header.
  const misleading = concat(hex("45005e100002 02005e100001 0800"), packet);
  assertEquals(layers(misleading, { ...IPV4, source }), ["Ethernet: 02:00:5e:10:00:01", ...inner]);
});

Deno.test("dissect() bounds what it makes of thousands of options and of tunnels", () => {
  // Extension headers of IPv6, as many as a packet has room for.
  const options = ipv6(60, new Uint8Array(60_000).map((_, at) => at % 8 === 0 ? 60 : 0));
  const many = dissect(options, IPV6);
  checkFields(many, options.length);
  assertGreater(named(many, "option").length, FIELDS_MAX / 2);
  let tunnel: Uint8Array = ipv4(17, udp());
  for (let n = 0; n < 100; n++) tunnel = ipv4(4, tunnel);
  const fields = dissect(tunnel, IPV4);
  checkFields(fields, tunnel.length);
  assertEquals(fields.filter(({ name }) => name === "IPv4").length, 9);
});

Deno.test("dissect() agrees with the structured form of three thousand packets", () => {
  let compared = 0;
  for (const raw of rawPackets(3000)) {
    if (raw.payloadLength < 0) continue;
    const bytes = raw.bytes.slice(raw.payloadOffset, raw.payloadOffset + raw.payloadLength);
    const packet = new Packet(raw);
    const fields = dissect(bytes, { etherType: packet.hwProtocol, source: packet.source });
    checkFields(fields, bytes.length);
    compared += requireAgreement(fields, packet);
  }
  assertGreater(compared, 10_000);
});

Deno.test("dissect() takes any bytes, and reads nothing beyond them", () => {
  const random = new Random(2026);
  const types = [0x0800, 0x86dd, 0x0806, 0x8100, 0x8864, 0x8847, undefined];
  const protocols = [1, 2, 6, 17, 33, 41, 47, 50, 51, 58, 60, 132, 136];
  for (let n = 0; n < 5000; n++) {
    const noise = random.bytes(random.below(300));
    const header = [() => noise, ipv4, ipv6][random.below(3)]!;
    const bytes = header(random.pick(protocols), noise).slice(0, random.below(340));
    for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    const known = { etherType: random.pick(types) };
    const fields = dissect(bytes, known);
    checkFields(fields, bytes.length);
    // The same bytes in front of others.
    const among = concat(bytes, random.bytes(64)).subarray(0, bytes.length);
    assertEquals(dissect(among, known), fields);
  }
});
