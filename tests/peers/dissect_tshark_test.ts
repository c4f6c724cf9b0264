import { assert, assertEquals, assertGreater } from "@std/assert";
import { dissect } from "../../src/web/dissect/dissect.ts";
import type { Field } from "../../src/web/dissect/field.ts";
import { concat, hex, ipv4, ipv6, tcp, udp } from "../packet/sample.ts";
import { hasProgram, temporaryFolder } from "../system/process.ts";
import { checkFields } from "../web_dissect/check.ts";
import { captureFrames, type Frame, HAS_CAPTURES, pcapOf } from "./frames.ts";
import { type SharkPacket, sharkPackets } from "./tshark_fields.ts";

const HAS_TSHARK = hasProgram("tshark");

/** Names of tshark by those of fields and their header. */
const NAMES: Readonly<Record<string, string>> = {
  "Ethernet.destination": "eth.dst",
  "Ethernet.source": "eth.src",
  "Ethernet.etherType": "eth.type",
  "VLAN tag.priority": "vlan.priority",
  "VLAN tag.id": "vlan.id",
  "VLAN tag.etherType": "vlan.etype",
  "service VLAN tag.id": "ieee8021ad.id",
  "ARP.hardwareType": "arp.hw.type",
  "ARP.protocolType": "arp.proto.type",
  "ARP.hardwareLength": "arp.hw.size",
  "ARP.protocolLength": "arp.proto.size",
  "ARP.operation": "arp.opcode",
  "IPv4.version": "ip.version",
  "IPv4.headerLength": "ip.hdr_len",
  "IPv4.dscp": "ip.dsfield.dscp",
  "IPv4.ecn": "ip.dsfield.ecn",
  "IPv4.totalLength": "ip.len",
  "IPv4.identification": "ip.id",
  "IPv4.flags": "ip.flags",
  "IPv4.fragmentOffset": "ip.frag_offset",
  "IPv4.hopLimit": "ip.ttl",
  "IPv4.protocol": "ip.proto",
  "IPv4.checksum": "ip.checksum",
  "IPv4.source": "ip.src",
  "IPv4.destination": "ip.dst",
  "IPv6.version": "ipv6.version",
  "IPv6.flowLabel": "ipv6.flow",
  "IPv6.payloadLength": "ipv6.plen",
  "IPv6.nextHeader": "ipv6.nxt",
  "IPv6.hopLimit": "ipv6.hlim",
  "IPv6.source": "ipv6.src",
  "IPv6.destination": "ipv6.dst",
  "hop-by-hop options.nextHeader": "ipv6.hopopts.nxt",
  "destination options.nextHeader": "ipv6.dstopts.nxt",
  "routing header.type": "ipv6.routing.type",
  "routing header.segmentsLeft": "ipv6.routing.segleft",
  "fragment header.fragmentOffset": "ipv6.fraghdr.offset",
  "fragment header.identification": "ipv6.fraghdr.ident",
  "TCP.sourcePort": "tcp.srcport",
  "TCP.destinationPort": "tcp.dstport",
  "TCP.sequenceNumber": "tcp.seq_raw",
  "TCP.acknowledgmentNumber": "tcp.ack_raw",
  "TCP.headerLength": "tcp.hdr_len",
  "TCP.window": "tcp.window_size_value",
  "TCP.checksum": "tcp.checksum",
  "TCP.urgentPointer": "tcp.urgent_pointer",
  "TCP.options.option.type": "tcp.option_kind",
  "TCP.options.option.length": "tcp.option_len",
  "TCP.options.option.maximumSegmentSize": "tcp.options.mss_val",
  "TCP.options.option.windowScale": "tcp.options.wscale.shift",
  "TCP.options.option.echoReply": "tcp.options.timestamp.tsecr",
  "UDP.sourcePort": "udp.srcport",
  "UDP.destinationPort": "udp.dstport",
  "UDP.length": "udp.length",
  "UDP.checksum": "udp.checksum",
  "ICMP.type": "icmp.type",
  "ICMP.code": "icmp.code",
  "ICMP.checksum": "icmp.checksum",
  "ICMP.mtu": "icmp.mtu",
  "ICMPv6.type": "icmpv6.type",
  "ICMPv6.code": "icmpv6.code",
  "ICMPv6.checksum": "icmpv6.checksum",
  "SCTP.sourcePort": "sctp.srcport",
  "SCTP.destinationPort": "sctp.dstport",
  "SCTP.verificationTag": "sctp.verification_tag",
  "SCTP.checksum": "sctp.checksum",
  "chunk.type": "sctp.chunk_type",
  "chunk.flags": "sctp.chunk_flags",
  "chunk.length": "sctp.chunk_length",
  "DCCP.sourcePort": "dccp.srcport",
  "DCCP.destinationPort": "dccp.dstport",
  "DCCP.type": "dccp.type",
  "DCCP.checksum": "dccp.checksum",
  "ESP.spi": "esp.spi",
  "ESP.sequenceNumber": "esp.sequence",
  "AH.nextHeader": "ah.next_header",
  "AH.spi": "ah.spi",
  "AH.sequenceNumber": "ah.sequence",
  "GRE.protocol": "gre.proto",
  "GRE.key": "gre.key",
  "IGMP.type": "igmp.type",
  "IGMP.checksum": "igmp.checksum",
  "IGMP.group": "igmp.maddr",
};
const COMPARED = new Set(Object.values(NAMES));
/** Frames of each kind that is decoded. */
const SAMPLES: readonly Frame[] = samples();

function samples(): Frame[] {
  const link = hex("02005e100002 02005e100001");
  const [four, six] = [concat(link, hex("0800")), concat(link, hex("86dd"))];
  const quoted = ipv4(17, udp());
  const options = hex("94 04 0000 07 07 04 c0000201 00");
  const syn = concat(tcp(), hex("02 04 05b4 04 02 08 0a 00000001 00000002 01 03 03 07"));
  syn[12] = syn.length / 4 << 4;
  const chunks = hex("00 03 0013 00000001 0000 0001 00000000 616263 00  0b 00 0004");
  const frames: Record<string, Uint8Array[]> = {
    "TCP with options": [four, ipv4(6, syn)],
    "UDP with options of IPv4": [four, ipv4(17, udp(), { options })],
    "TCP of IPv6": [six, ipv6(6, tcp(443, 0x12))],
    "fragment of IPv4": [four, ipv4(17, new Uint8Array(16), { fragment: 0x2003 })],
    "extension headers": [
      six,
      ipv6(0, concat(hex("2c 00 01 04 00000000 11 00 0001 00000007"), udp())),
    ],
    "VLAN tags": [link, hex("88a8 0064 8100 6064 0800"), ipv4(6, tcp())],
    "ARP": [link, hex("0806 0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202")],
    "ICMP error": [four, ipv4(1, concat(hex("03 04 0000 0000 05dc"), quoted))],
    "ICMPv6 error": [six, ipv6(58, concat(hex("02 00 0000 00000500"), ipv6(17, udp())))],
    "SCTP": [four, ipv4(132, concat(hex("9c40 0050 00000007 00000000"), chunks))],
    "DCCP": [four, ipv4(33, hex("9c40 0050 04 00 0000 05 00 000000000001"))],
    "ESP": [four, ipv4(50, hex("00000007 00000009 0123456789abcdef"))],
    "AH": [
      four,
      ipv4(51, concat(hex("06 04 0000 00000007 00000009 0123456789abcdef01234567"), tcp())),
    ],
    "GRE": [four, ipv4(47, concat(hex("2000 0800 00000007"), ipv4(6, tcp())))],
    "IGMP": [four, ipv4(2, hex("16 00 0000 e00000fb"))],
  };
  return Object.entries(frames).map(([origin, parts]) => ({ origin, bytes: concat(...parts) }));
}

/** A field to compare. */
interface Place {
  name: string;
  at: number;
  size: number;
  value: string;
  /** Whether its header is neither torn nor contradicts itself: tshark leaves out others. */
  isWhole: boolean;
}

/** Returns fields with a name of tshark's, and the offsets of bytes that are not decoded. */
function places(fields: readonly Field[], path = ""): Place[] {
  const isWhole = !isDoubtful(fields);
  return fields.flatMap(({ name, value, offset: at, length: size, fields: parts }) => {
    const theirs = NAMES[path + name];
    const own = theirs === undefined ? [] : [{ name: theirs, at, size, value, isWhole }];
    return [...own, ...places(parts ?? [], name === "quoted packet" ? "" : `${path}${name}.`)];
  });
}

/** Returns whether a header is torn or contradicts itself. */
function isDoubtful(fields: readonly Field[]): boolean {
  return fields.some(({ name }) => name === "malformed" || name === "truncated");
}

/** Returns whether bytes of a field are in none that is decoded. */
function isOpaque(fields: readonly Field[], at: number): boolean {
  if (isDoubtful(fields)) return true;
  const field = fields.findLast(({ offset, length }) => offset <= at && at < offset + length);
  if (field === undefined) return true;
  if (field.fields !== undefined) return isOpaque(field.fields, at);
  return OPAQUE.has(field.name);
}
const OPAQUE: ReadonlySet<string> = new Set(
  [
    "data",
    "option",
    "padding",
    "trailer",
    "truncated",
    "malformed",
    "encrypted",
    "extensions",
    "parameters",
    "causes",
  ],
);

/** Units in which tshark shows a field. */
const UNITS: Readonly<Record<string, string>> = { "ip.frag_offset": " * 8" };

/** Returns a value without names and base. */
function plain(value: string): string {
  const [text, factor = "1"] = value.replace(/ \(.*\)$| bytes?$/, "").split(" * ");
  return /^(0x[\da-f]+|\d+)$/i.test(text!) ? String(Number(text) * Number(factor)) : text!;
}

const key = ({ name, at, size }: { name: string; at: number; size: number }) =>
  `${name} ${at}+${size}`;

/** Requires that tshark has the same fields in the same places; returns how many there were. */
function compare({ bytes, origin }: Frame, { fields: shark, isMalformed }: SharkPacket): number {
  const fields = dissect(bytes, { etherType: bytes[12]! << 8 | bytes[13]! });
  checkFields(fields, bytes.length);
  const ours = places(fields);
  const theirs = Map.groupBy(shark, key);
  // tshark decodes other protocols in messages of IGMP, such as PIM.
  const hasIgmp = shark.some(({ name }) => name.startsWith("igmp."));
  for (const place of isMalformed ? [] : ours) {
    if (!place.isWhole || (place.name.startsWith("igmp.") && !hasIgmp)) continue;
    const found = theirs.get(key(place));
    assert(found !== undefined, `${origin}: tshark has no ${key(place)}`);
    const unit = UNITS[place.name] ?? "";
    const values = found.map(({ show }) => plain(show + unit));
    const own = plain(place.value);
    assert(values.includes(own), `${origin}: ${key(place)} is ${own}, tshark has ${values}`);
  }
  const known = new Set(ours.map(key));
  for (const field of shark) {
    if (field.isHidden || !COMPARED.has(field.name) || known.has(key(field))) continue;
    assert(isOpaque(fields, field.at), `${origin}: tshark has ${key(field)}`);
  }
  return ours.length;
}

Deno.test({
  name: "tshark decodes the same fields at the same offsets of packets of each kind" +
    (HAS_TSHARK ? "" : " (needs tshark)"),
  ignore: !HAS_TSHARK,
  fn: () => compareAll(SAMPLES, 100),
});

Deno.test({
  name: "tshark decodes the same fields at the same offsets of ../shared/pcaps" +
    (HAS_TSHARK && HAS_CAPTURES ? "" : " (needs tshark and ../shared/pcaps)"),
  ignore: !HAS_TSHARK || !HAS_CAPTURES,
  fn: async () => await compareAll(await captureFrames(), 10_000),
});

async function compareAll(frames: readonly Frame[], least: number): Promise<void> {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/frames.pcap`;
  await Deno.writeFile(path, pcapOf(frames));
  const shark = await sharkPackets(path);
  assertEquals(shark.length, frames.length);
  const compared = frames.reduce((sum, frame, index) => sum + compare(frame, shark[index]!), 0);
  assertGreater(compared, least);
}
