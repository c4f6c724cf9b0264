/** Transport headers as words of a line. */

import type { Facts } from "./structured.ts";

/** A figure of a line. */
export type Figure = readonly [name: string, value: string | number];
/** A word of a line. */
export type Word = string | Figure;

/** A header's fields that a line has. */
type Some<Name extends keyof Facts, Field extends keyof NonNullable<Facts[Name]>> =
  | Pick<NonNullable<Facts[Name]>, Field>
  | undefined;
type Icmp = {
  readonly type: number;
  readonly code: number;
  readonly echo?: string | undefined;
  readonly identifier?: number | undefined;
  readonly sequenceNumber?: number | undefined;
};

/** The headers of what IP carries, and those of their fields that a line has. */
export interface TransportFacts {
  /** Authentication header. */
  readonly ah?: Some<"ah", "spi">;
  /** TCP header. */
  readonly tcp?: {
    readonly flagNames: string;
    /** Absent where only a row of a table is left of the packet. */
    readonly sequenceNumber?: number | undefined;
    /** Absent, too. */
    readonly window?: number | undefined;
  } | undefined;
  /** UDP header. */
  readonly udp?: object | undefined;
  /** UDP-Lite header. */
  readonly udplite?: object | undefined;
  /** ICMP header. */
  readonly icmp?: Icmp | undefined;
  /** ICMPv6 header. */
  readonly icmpv6?: Icmp | undefined;
  /** SCTP common header. */
  readonly sctp?: {
    readonly verificationTag: number;
    readonly chunks?: readonly { readonly type: number }[];
  } | undefined;
  /** DCCP header. */
  readonly dccp?: Some<"dccp", "type" | "sequenceNumber">;
  readonly esp?: Some<"esp", "spi" | "sequenceNumber">;
  /** GRE header. */
  readonly gre?: {
    readonly protocol: number;
    readonly key?: number | undefined;
  } | undefined;
  /** IGMP message. */
  readonly igmp?: {
    readonly type: number;
    readonly version: number;
    readonly group?: string | undefined;
  } | undefined;
}

/** Chunk types (RFC 9260 section 3.2). */
export const SCTP_CHUNKS = [
  "DATA",
  "INIT",
  "INIT-ACK",
  "SACK",
  "HEARTBEAT",
  "HEARTBEAT-ACK",
  "ABORT",
  "SHUTDOWN",
  "SHUTDOWN-ACK",
  "ERROR",
  "COOKIE-ECHO",
  "COOKIE-ACK",
  "ECNE",
  "CWR",
  "SHUTDOWN-COMPLETE",
];
/** More chunks than these are as many as a line has room for. */
const CHUNKS_SHOWN = 8;
/** Packet types (RFC 4340 section 5.1). */
export const DCCP_TYPES = [
  "Request",
  "Response",
  "Data",
  "Ack",
  "DataAck",
  "CloseReq",
  "Close",
  "Reset",
  "Sync",
  "SyncAck",
];
/** Types of messages (RFC 3376 section 4). */
export const IGMP_TYPES: Readonly<Record<number, string>> = {
  0x11: "query",
  0x12: "report",
  0x16: "report",
  0x17: "leave",
  0x22: "report",
};

/**
 * Returns what a packet carries, in a few words.
 *
 * @param facts Facts of a packet that is IP.
 * @param protocol The protocol that IP carries.
 * @returns As in `TCP SYN seq=1 window=2`, an authentication header before it.
 */
export function transportWords(facts: TransportFacts, protocol: number): Word[] {
  const words = carried(facts) ?? [["protocol", protocol]];
  return facts.ah === undefined ? words : ["AH", ["spi", hex(facts.ah.spi)], ...words];
}

function carried(facts: TransportFacts): Word[] | undefined {
  const { tcp } = facts;
  if (tcp !== undefined) {
    const { flagNames, sequenceNumber, window } = tcp;
    const words: Word[] = ["TCP", flagNames];
    if (sequenceNumber !== undefined) words.push(["seq", sequenceNumber]);
    if (window !== undefined) words.push(["window", window]);
    return words;
  }
  if (facts.udp !== undefined) return ["UDP"];
  return icmpWords("ICMP", facts.icmp) ?? icmpWords("ICMPv6", facts.icmpv6) ?? otherWords(facts);
}

function icmpWords(name: string, icmp: Icmp | undefined): Word[] | undefined {
  if (icmp === undefined) return undefined;
  const { type, code, echo, identifier = 0, sequenceNumber = 0 } = icmp;
  return echo === undefined
    ? [name, ["type", type], ["code", code]]
    : [name, "echo", echo, ["id", identifier], ["seq", sequenceNumber]];
}

function otherWords({ udplite, sctp, dccp, esp, gre, igmp }: TransportFacts): Word[] | undefined {
  if (udplite !== undefined) return ["UDP-Lite"];
  if (sctp !== undefined) {
    const names = (sctp.chunks ?? []).slice(0, CHUNKS_SHOWN).map(({ type }) =>
      SCTP_CHUNKS[type] ?? `chunk=${type}`
    );
    return ["SCTP", names.join(",") || "none", ["tag", hex(sctp.verificationTag)]];
  }
  if (dccp !== undefined) {
    return ["DCCP", DCCP_TYPES[dccp.type] ?? ["type", dccp.type], ["seq", dccp.sequenceNumber]];
  }
  if (esp !== undefined) return ["ESP", ["spi", hex(esp.spi)], ["seq", esp.sequenceNumber]];
  if (gre !== undefined) {
    const words: Word[] = ["GRE", ["protocol", `0x${gre.protocol.toString(16).padStart(4, "0")}`]];
    return gre.key === undefined ? words : [...words, ["key", hex(gre.key)]];
  }
  if (igmp !== undefined) {
    const what: Word = IGMP_TYPES[igmp.type] ?? ["type", igmp.type];
    const words: Word[] = ["IGMP", `v${igmp.version}`, what];
    return igmp.group === undefined ? words : [...words, ["group", igmp.group]];
  }
  return undefined;
}

/** Writes 32 bits in hexadecimal. */
function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
