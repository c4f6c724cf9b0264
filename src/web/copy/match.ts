/** Properties of a stored record that firewall rules match. */

import type { StructuredFlow } from "../../flow/structured.ts";
import type { StoredPacket } from "../../output/table/stored_packet.ts";
import { protocolNumber } from "./protocol.ts";

/** Properties that rules match. */
export interface Match {
  /** Chain, as the kernel's hook is called. */
  hook: string;
  /** Interfaces; those that cannot be named in a rule are left out, and told of. */
  in?: string | undefined;
  out?: string | undefined;
  source: string;
  destination: string;
  carried: Carried;
}

/** Payload of IP, or ARP. */
export type Carried =
  | { kind: "arp" }
  | { kind: "any" }
  /** A port that stays the same from one connection to the next, at its end. */
  | { kind: "port"; protocol: string; end: "source" | "destination"; port: number }
  | { kind: "icmp"; name: "icmp" | "icmpv6"; type: number; code: number }
  | { kind: "protocol"; number: number };

/** First port that Linux takes by itself for a connection (`net.ipv4.ip_local_port_range`). */
const EPHEMERAL = 32_768;
/** Protocols with ports, as nft and iptables call them. */
const WITH_PORTS: Readonly<Record<number, string>> = {
  6: "tcp",
  17: "udp",
  33: "dccp",
  132: "sctp",
  136: "udplite",
};
const ICMP_NAMES: Readonly<Record<number, "icmp" | "icmpv6">> = { 1: "icmp", 58: "icmpv6" };
/** Addresses in text, and nothing that a shell takes for something else. */
const ADDRESS = /^[\da-f.:]+$/i;

/** Returns the properties of a record; undefined for one without addresses. */
export function matchOf(record: StoredPacket | StructuredFlow): Match | undefined {
  const match = record.type === "flow" ? flowMatch(record) : packetMatch(record);
  const isPlain = match !== undefined && ADDRESS.test(match.source) &&
    ADDRESS.test(match.destination);
  return isPlain ? match : undefined;
}

function packetMatch(packet: StoredPacket): Match | undefined {
  const { source, destination, hook, protocol, sourcePort, destinationPort } = packet;
  if (source === undefined || destination === undefined) return undefined;
  const isArp = protocol === "ARP";
  const byWay = packet.out === undefined ? "input" : packet.in === undefined ? "output" : "forward";
  return {
    // Rows of ARP tell the hook as a number, and netdev's belongs to a device.
    hook: typeof hook === "string" ? hook : isArp && byWay === "forward" ? "input" : byWay,
    in: packet.in,
    out: packet.out,
    source,
    destination,
    carried: isArp
      ? { kind: "arp" }
      : carriedOf(protocol, sourcePort, destinationPort, packet.icmp ?? packet.icmpv6),
  };
}

/** Filters see the sender before its address is translated, and the receiver after that. */
function flowMatch({ protocol, original, reply }: StructuredFlow): Match {
  const { source, sourcePort, icmpType: type, icmpCode: code = 0 } = original;
  const destinationPort = reply?.sourcePort ?? original.destinationPort;
  const icmp = type === undefined ? undefined : { type, code };
  return {
    hook: "forward",
    source,
    destination: reply?.source ?? original.destination,
    carried: carriedOf(protocol, sourcePort, destinationPort, icmp),
  };
}

function carriedOf(
  protocol: string | number | undefined,
  source: number | undefined,
  destination: number | undefined,
  icmp: { type: number; code: number } | undefined,
): Carried {
  const number = protocolNumber(protocol);
  if (number === undefined) return { kind: "any" };
  const withPorts = WITH_PORTS[number];
  if (withPorts !== undefined && source !== undefined && destination !== undefined) {
    const isAnswer = destination >= EPHEMERAL && source < EPHEMERAL;
    return isAnswer
      ? { kind: "port", protocol: withPorts, end: "source", port: source }
      : { kind: "port", protocol: withPorts, end: "destination", port: destination };
  }
  const name = ICMP_NAMES[number];
  if (name !== undefined && icmp !== undefined) return { kind: "icmp", name, ...icmp };
  return { kind: "protocol", number };
}
