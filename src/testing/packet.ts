/**
 * Packets made by hand, for tests.
 *
 * @module
 */

import { ConfigError, type ConfigProblem } from "../errors.ts";
import { parseAddress } from "../filter/parse_address.ts";
import { IPV4_HEADER } from "../packet/ip.ts";
import { Packet } from "../packet/packet.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from "../packet/protocols.ts";
import { checkTable, type Entries } from "../schema.ts";
import {
  type CheckedFields,
  icmpEntries,
  packetEntries,
  type PacketFields,
  tcpEntries,
  udpEntries,
} from "./fields.ts";
import { ipPacket } from "./ip_bytes.ts";
import { loggedPacket } from "./logged_packet.ts";
import { icmpSegment, type Segment, tcpFlags, tcpSegment, udpSegment } from "./transport_bytes.ts";

const ENCODER = new TextEncoder();

/** How the protocols are made; the first is the one where none is named. */
const PROTOCOLS: readonly {
  name: "tcp" | "udp" | "icmp" | "icmpv6";
  protocol: number;
  entries: Entries;
  segment(fields: never, data: Uint8Array): Segment;
}[] = [
  { name: "tcp", protocol: IPPROTO_TCP, entries: tcpEntries, segment: tcpSegment },
  { name: "udp", protocol: IPPROTO_UDP, entries: udpEntries, segment: udpSegment },
  { name: "icmp", protocol: IPPROTO_ICMP, entries: icmpEntries(8), segment: icmpSegment },
  { name: "icmpv6", protocol: IPPROTO_ICMPV6, entries: icmpEntries(128), segment: icmpSegment },
];

/**
 * Makes a packet as a firewall rule would have logged it: real bytes, with
 * lengths and checksums, and what the kernel tells beside them. What is left out
 * has a value that fits; without any field it is a TCP SYN from 192.0.2.1 to
 * port 80 of 192.0.2.2 that came in by eth0.
 *
 * @param fields What matters to the test.
 * @returns The packet.
 * @throws {ConfigError} If a field cannot be; all problems are named at once.
 *
 * @example Packets of several kinds
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packet } from "nfscribe/testing";
 *
 * const answer = packet({ prefix: "web ", tcp: { sourcePort: 443, flags: "SYN,ACK" } });
 * assertEquals(answer.tcp?.flagNames, "ACK,SYN");
 *
 * const question = packet({ destination: "2001:db8::53", udp: {}, data: "?", outDev: "eth1" });
 * assertEquals([question.source, question.destinationPort], ["2001:db8::1", 53]);
 * assertEquals(packet({ icmp: { type: 3, code: 1 } }).icmp?.code, 1);
 * ```
 */
export function packet(fields: PacketFields = {}): Packet {
  const { options, problems } = checkTable(packetEntries, fields, "");
  const checked = options as unknown as CheckedFields;
  const addresses = addressesOf(checked, problems);
  const { protocol, segment } = segmentOf(checked, addresses.version, problems);
  const longest = 0xffff - (addresses.version === 4 ? IPV4_HEADER : 0);
  if (segment.bytes.length > longest) {
    problems.push({
      key: "data",
      message:
        `is too long: with its header ${segment.bytes.length} bytes, and ${longest} is the most`,
    });
  }
  if (problems.length > 0) throw new ConfigError("packet()", problems);
  const { ttl, trafficClass } = checked;
  return new Packet(
    loggedPacket(checked, ipPacket({ ...addresses, ttl, trafficClass, protocol }, segment)),
  );
}

interface Addresses {
  version: 4 | 6;
  source: Uint32Array;
  destination: Uint32Array;
}

/** The addresses; where only one is given, the other one is of the same version. */
function addressesOf(fields: PacketFields, problems: ConfigProblem[]): Addresses {
  const six = (fields.source ?? fields.destination)?.includes(":") ?? fields.icmpv6 !== undefined;
  const read = (key: "source" | "destination", byDefault: string) => {
    const found = parseAddress(fields[key] ?? byDefault);
    if (found === undefined) {
      problems.push({ key, message: `must be an IP address, not "${fields[key]}"` });
    }
    return found ?? new Uint32Array(six ? 4 : 1);
  };
  const source = read("source", six ? "2001:db8::1" : "192.0.2.1");
  const destination = read("destination", six ? "2001:db8::2" : "192.0.2.2");
  if (source.length !== destination.length) {
    problems.push({
      key: "destination",
      message:
        `must be of the same IP version as source; ${fields.source} and ${fields.destination} are not`,
    });
  }
  return { version: source.length === 1 ? 4 : 6, source, destination };
}

/** What the packet carries. */
function segmentOf(
  fields: CheckedFields,
  version: 4 | 6,
  problems: ConfigProblem[],
): { protocol: number; segment: Segment } {
  const data = typeof fields.data === "string" ? ENCODER.encode(fields.data) : fields.data;
  const bytes = data ?? new Uint8Array(0); // its problem is named already
  const named = PROTOCOLS.filter(({ name }) => fields[name] !== undefined);
  const names: string[] = named.map(({ name }) => name);
  if (fields.protocol !== undefined) names.push("protocol");
  if (names.length > 1) {
    problems.push({ key: names[1]!, message: `cannot stand beside ${names[0]}; remove one` });
  }
  const misfit = version === 4 ? "icmpv6" : "icmp";
  if (names.includes(misfit)) {
    problems.push({
      key: misfit,
      message: `cannot be in an IPv${version} packet; name ${
        version === 4 ? "icmp, or IPv6 addresses" : "icmpv6, or IPv4 addresses"
      }`,
    });
  }
  if (fields.protocol !== undefined) {
    return { protocol: fields.protocol, segment: { bytes, checksumAt: undefined } };
  }
  const kind = named[0] ?? PROTOCOLS[0]!;
  const checked = checkTable(kind.entries, fields[kind.name] ?? {}, kind.name);
  problems.push(...checked.problems);
  const flags = checked.options.flags;
  if (typeof flags === "string" && tcpFlags(flags) === undefined) {
    const message = `must be flags by name, as in "SYN,ACK", or "none", not "${flags}"`;
    problems.push({ key: "tcp.flags", message });
  }
  return { protocol: kind.protocol, segment: kind.segment(checked.options as never, bytes) };
}
