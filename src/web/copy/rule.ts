/** Firewall rules that match what a stored record tells of. */

import type { StructuredFlow } from "../../flow/structured.ts";
import type { StoredPacket } from "../../output/table/stored_packet.ts";
import { protocolNumber } from "./protocol.ts";

/** End of a rule: a verdict, or none, so that it only counts. */
export type Verdict = "accept" | "drop" | "count";

/** Properties that rules match. */
interface Match {
  /** Chain, as the kernel's hook is called. */
  hook: string;
  /** Interfaces that cannot be named in a rule are left out, and told of. */
  in?: string | undefined;
  out?: string | undefined;
  source: string;
  destination: string;
  protocol: number | undefined;
  /** The port that names the service, at its end. */
  port?: { end: "source" | "destination"; number: number } | undefined;
  icmp?: { type: number; code: number } | undefined;
  isArp: boolean;
}

/** First port that Linux takes by itself for a connection (`net.ipv4.ip_local_port_range`). */
const EPHEMERAL = 32_768;
/** Names of interfaces that neither nft, iptables nor a shell take for something else. */
const PLAIN_NAME = /^(?!\d+$)[A-Za-z0-9_][\w.@-]*$/;
/** Protocols with ports, as nft and iptables call them. */
const WITH_PORTS: Readonly<Record<number, string>> = {
  6: "tcp",
  17: "udp",
  33: "dccp",
  132: "sctp",
  136: "udplite",
};
const [ICMP, ICMPV6, UDPLITE] = [1, 58, 136] as const;

/**
 * Returns a command for nft(8) that puts a rule at the head of a chain.
 *
 * @returns Undefined for records without addresses.
 */
export function nftRule(
  record: StoredPacket | StructuredFlow,
  verdict: Verdict,
): string | undefined {
  const match = matchOf(record);
  if (match === undefined) return undefined;
  const { source, destination, protocol, port, icmp, isArp } = match;
  const family = isArp ? "arp" : "inet";
  const ip = isArp ? "arp" : isSix(match) ? "ip6" : "ip";
  const address = isArp ? " ip" : "";
  const words = [
    ...named(match.in).map((name) => `iifname "${name}"`),
    ...named(match.out).map((name) => `oifname "${name}"`),
    `${ip} saddr${address} ${source}`,
    `${ip} daddr${address} ${destination}`,
    ...isArp ? [] : nftProtocol(protocol, port, icmp),
    "counter",
    ...verdict === "count" ? [] : [verdict],
  ];
  return [
    ...remarks(match, verdict),
    `# "${family} filter ${match.hook}" is the usual name; write that of your own table and chain.`,
    `nft 'insert rule ${family} filter ${match.hook} ${words.join(" ")}'`,
  ].join("\n");
}

/**
 * Returns a command for iptables(8) or ip6tables(8) that puts a rule at the head of a chain.
 *
 * @returns Undefined for records without addresses, and for ARP.
 */
export function iptablesRule(
  record: StoredPacket | StructuredFlow,
  verdict: Verdict,
): string | undefined {
  const match = matchOf(record);
  if (match === undefined || match.isArp) return undefined;
  const { source, destination, protocol, port, icmp, hook } = match;
  const isFilter = hook !== "prerouting" && hook !== "postrouting";
  const words = [
    isSix(match) ? "ip6tables" : "iptables",
    ...isFilter ? [] : ["-t", "mangle"],
    ...["-I", hook.toUpperCase()],
    ...named(match.in).flatMap((name) => ["-i", name]),
    ...named(match.out).flatMap((name) => ["-o", name]),
    ...["-s", source, "-d", destination],
    ...iptablesProtocol(protocol, port, icmp),
    ...verdict === "count" ? [] : ["-j", verdict.toUpperCase()],
  ];
  return [...remarks(match, verdict), words.join(" ")].join("\n");
}

/** Addresses in text, and nothing that a shell takes for something else. */
const ADDRESS = /^[\da-f.:]+$/i;

function matchOf(record: StoredPacket | StructuredFlow): Match | undefined {
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
    protocol: protocolNumber(protocol),
    port: servicePort(sourcePort, destinationPort),
    icmp: packet.icmp ?? packet.icmpv6,
    isArp,
  };
}

/** Filters see the sender before its address is translated, and the receiver after that. */
function flowMatch({ protocol, original, reply }: StructuredFlow): Match {
  const { source, sourcePort, icmpType: type, icmpCode: code = 0 } = original;
  const destination = reply?.source ?? original.destination;
  const destinationPort = reply?.sourcePort ?? original.destinationPort;
  return {
    hook: "forward",
    source,
    destination,
    protocol: protocolNumber(protocol),
    port: servicePort(sourcePort, destinationPort),
    icmp: type === undefined ? undefined : { type, code },
    isArp: false,
  };
}

/** Returns the port that stays the same from one connection to the next. */
function servicePort(source: number | undefined, destination: number | undefined): Match["port"] {
  if (source === undefined || destination === undefined) return undefined;
  const isAnswer = destination >= EPHEMERAL && source < EPHEMERAL;
  return isAnswer ? { end: "source", number: source } : { end: "destination", number: destination };
}

function nftProtocol(
  protocol: number | undefined,
  port: Match["port"],
  icmp: Match["icmp"],
): string[] {
  if (protocol === undefined) return [];
  const name = WITH_PORTS[protocol];
  if (name !== undefined && port !== undefined) {
    return [`${name} ${port.end === "source" ? "sport" : "dport"} ${port.number}`];
  }
  if (icmp !== undefined && (protocol === ICMP || protocol === ICMPV6)) {
    const word = protocol === ICMP ? "icmp" : "icmpv6";
    return [`${word} type ${icmp.type}`, `${word} code ${icmp.code}`];
  }
  return [`meta l4proto ${protocol}`];
}

function iptablesProtocol(
  protocol: number | undefined,
  port: Match["port"],
  icmp: Match["icmp"],
): string[] {
  if (protocol === undefined) return [];
  const name = WITH_PORTS[protocol];
  if (name !== undefined && port !== undefined) {
    const option = port.end === "source" ? "--sport" : "--dport";
    // UDP-Lite has no options of its own.
    return protocol === UDPLITE
      ? ["-p", name, "-m", "multiport", `${option}s`, `${port.number}`]
      : ["-p", name, option, `${port.number}`];
  }
  if (icmp !== undefined && (protocol === ICMP || protocol === ICMPV6)) {
    const word = protocol === ICMP ? "icmp" : "icmpv6";
    return ["-p", word, `--${word}-type`, `${icmp.type}/${icmp.code}`];
  }
  return ["-p", `${protocol}`];
}

function isSix({ source }: Match): boolean {
  return source.includes(":");
}

/** Returns the name of an interface, if it can stand in a rule. */
function named(name: string | undefined): string[] {
  return name !== undefined && PLAIN_NAME.test(name) ? [name] : [];
}

/** Describes the rule, in comments of a shell: nothing of the record stands there. */
function remarks(match: Match, verdict: Verdict): string[] {
  const effect = { accept: "Lets", drop: "Drops", count: "Counts" }[verdict];
  const rest = verdict === "accept" ? " pass" : "";
  const way = match.port === undefined
    ? "packets from and to these addresses"
    : match.port.end === "source"
    ? "answers of this service to this address"
    : "packets from this address to this service";
  const unnamed = [["in", match.in], ["out", match.out]] as const;
  return [
    `# ${effect} ${way}${rest}, before all other rules of the chain.`,
    ...unnamed.filter(([, name]) => name !== undefined && named(name).length === 0)
      .map(([way]) =>
        `# The interface that they ${
          way === "in" ? "came in" : "leave"
        } by cannot be named here, and is not matched.`
      ),
  ];
}
