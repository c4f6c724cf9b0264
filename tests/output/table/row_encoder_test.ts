import { assertEquals } from "@std/assert";
import { RowEncoder } from "../../../src/output/table/row_encoder.ts";
import { cutRows, describeRow } from "../../../src/output/table/parse_row.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import {
  concat,
  hex,
  icmp,
  ipv4,
  ipv6,
  jumbogram,
  rawPacket,
  tcp,
  udp,
} from "../../packet/sample.ts";

const SESSION = "6f1d1f6e-9d1e-4b3e-8f2a-0123456789ab";
const ORIGIN = { host: "gate", capture: "web", session: SESSION };
const INTERFACES = new InterfaceTable().with([[2, "eth0"], [3, "wlan\u00e9"]]);

function encoderOf(payload = false): RowEncoder {
  return new RowEncoder({ hostname: "gate", session: SESSION, payload });
}

/** Returns the row of a packet as text. */
function rowOf(packet: RawPacket, payload = false): Record<string, string> {
  const out = new Uint8Array(4096);
  const length = encoderOf(payload).encode(packet, out, 7);
  const { rows, strange } = cutRows([out.subarray(7, 7 + length)]);
  assertEquals(strange, []);
  assertEquals(rows.length, 1);
  return describeRow(rows[0]!);
}

/** Returns a packet with a prefix and an Ethernet header before its payload. */
function logged(prefix: Uint8Array, payload: Uint8Array, fields: Partial<RawPacket> = {}) {
  const link = hex("02005e100001 02005e100002 0800");
  return rawPacket(concat(prefix, link, payload), {
    prefixOffset: 0,
    prefixLength: prefix.length,
    hwHeaderOffset: prefix.length,
    hwHeaderLength: link.length,
    payloadOffset: prefix.length + link.length,
    payloadLength: payload.length,
    interfaces: INTERFACES,
    capture: "web",
    hwProtocol: 0x0800,
    seconds: 1_700_000_000,
    nanoseconds: 123_456_000,
    ...fields,
  });
}

const text = (value: string) => new TextEncoder().encode(value);

Deno.test("a row has every field that the packet has", () => {
  const fields = {
    hook: 3,
    mark: 2 ** 32 - 1,
    uid: 1000,
    gid: 2 ** 32 - 2,
    inDev: 2,
    outDev: 3,
    seq: 77,
  };
  const packet = logged(text("drop: "), ipv4(6, tcp(443, 0x12)), {
    ...fields,
    extra: text('{"country":"DE"}'),
  });
  assertEquals(rowOf(packet, true), {
    time: "2023-11-14T22:13:20.123456Z",
    ...ORIGIN,
    seq: "77",
    prefix: "drop: ",
    hook: "3",
    mark: "4294967295",
    in_dev: "eth0",
    out_dev: "wlan\u00e9",
    hardware_source: "02:00:5e:10:00:02",
    hardware_destination: "02:00:5e:10:00:01",
    ethertype: "2048",
    source_address: "192.0.2.1",
    destination_address: "198.51.100.2",
    protocol: "6",
    source_port: "40000",
    destination_port: "443",
    tcp_flags: "18",
    length: "40",
    ttl: "64",
    tos: "0",
    uid: "1000",
    gid: "4294967294",
    extra: '{"country":"DE"}',
    payload: `\\x${ipv4(6, tcp(443, 0x12)).toHex()}`,
  });
});

Deno.test("absent values of a packet are null", () => {
  const packet = rawPacket(new Uint8Array(0), {
    payloadLength: -1,
    hwProtocol: -1,
    family: -1,
    receivedSeconds: 946_684_799,
    receivedNanoseconds: 999_999_999,
  });
  const { time, ...rest } = rowOf(packet, true);
  assertEquals(time, "1999-12-31T23:59:59.999999Z");
  assertEquals(rest, { host: "gate", capture: "", session: SESSION });
});

Deno.test("IPv6, UDP and ICMPv6 have their columns", () => {
  const packet = logged(text(""), ipv6(17, udp(53)), { family: 10, hwProtocol: 0x86dd });
  const { source_address, destination_address, protocol, destination_port, length, tcp_flags } =
    rowOf(packet);
  assertEquals(
    { source_address, destination_address, protocol, destination_port, length, tcp_flags },
    {
      source_address: "2001:db8::1",
      destination_address: "2001:db8::2",
      protocol: "17",
      destination_port: "53",
      length: "52",
      tcp_flags: undefined!,
    },
  );
  const ping = rowOf(logged(text(""), ipv6(58, icmp(128, 3)), { family: 10 }));
  assertEquals([ping.icmp_type, ping.icmp_code, ping.source_port], ["128", "3", undefined]);
});

Deno.test("ARP has its addresses", () => {
  const arp = hex("0001 0800 06 04 0001 02005e100002 c0000201 000000000000 c0000202");
  const row = rowOf(logged(text(""), arp, { family: 3, hwProtocol: 0x0806 }));
  assertEquals([row.source_address, row.destination_address], ["192.0.2.1", "192.0.2.2"]);
  assertEquals([row.ethertype, row.protocol, row.ttl], ["2054", undefined, undefined]);
});

Deno.test("headers that were cut are null, the others stay", () => {
  const row = rowOf(logged(text(""), ipv4(6, tcp()).subarray(0, 23), {}));
  assertEquals([row.source_address, row.source_port, row.tcp_flags], [
    "192.0.2.1",
    undefined,
    undefined,
  ]);
  const ports = rowOf(logged(text(""), ipv4(6, tcp()).subarray(0, 26), {}));
  assertEquals([ports.source_port, ports.destination_port, ports.tcp_flags], [
    "40000",
    "443",
    undefined,
  ]);
});

Deno.test("a prefix of any bytes is valid text", () => {
  const prefixOf = (bytes: Uint8Array) => rowOf(logged(bytes, ipv4(17, udp()))).prefix;
  assertEquals(prefixOf(text("café ☃ 😀")), "café ☃ 😀");
  assertEquals(prefixOf(hex("41 00 42")), "A\\x00B");
  assertEquals(prefixOf(hex("c3 28 ff c3")), "\\xc3(\\xff\\xc3");
  // A surrogate, an overlong form, and a number beyond the last character are not UTF-8.
  assertEquals(prefixOf(hex("ed a0 80")), "\\xed\\xa0\\x80");
  assertEquals(
    prefixOf(hex("c0 af e0 80 af f4 90 80 80")),
    "\\xc0\\xaf\\xe0\\x80\\xaf\\xf4\\x90\\x80\\x80",
  );
  assertEquals(prefixOf(new Uint8Array(127).fill(0xfe)), "\\xfe".repeat(127));
});

Deno.test("a time that PostgreSQL does not know is infinity", () => {
  const { time } = rowOf(logged(text(""), ipv4(17, udp()), { seconds: 2 ** 53 }));
  assertEquals(time, "9223372036854775807 µs after 2000-01-01");
});

Deno.test("sources take turns", () => {
  const encoder = encoderOf();
  const out = new Uint8Array(4096);
  const captures = ["web", "mail", "web"].map((capture) => {
    const length = encoder.encode(logged(text(""), ipv4(17, udp()), { capture }), out, 0);
    return describeRow(out.subarray(0, length)).capture;
  });
  assertEquals(captures, ["web", "mail", "web"]);
});

Deno.test("the length of a jumbogram is that of its option, up to the largest integer", () => {
  const length = (claimed: number) =>
    rowOf(logged(text(""), jumbogram(claimed), { family: 10, hwProtocol: 0x86dd })).length;
  assertEquals([length(198_572), length(0xffff_ffff)], ["198612", "2147483647"]);
});
