/**
 * What IP carries, as words of a line.
 *
 * @module
 */

import type { PacketHeaders } from "./packet_headers.ts";

/** Chunk types (RFC 9260 section 3.2). */
const SCTP_CHUNKS = [
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
const DCCP_TYPES = [
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
const IGMP_TYPES: Readonly<Record<number, string>> = {
  0x11: "query",
  0x12: "report",
  0x16: "report",
  0x17: "leave",
  0x22: "report",
};

/**
 * What a packet carries, in a few words.
 *
 * @param packet Any packet that is IP.
 * @param protocol What IP says it carries.
 * @returns As in `TCP SYN seq=1 window=2`, an authentication header before it.
 */
export function transportWords(packet: PacketHeaders, protocol: number): string[] {
  const { ah } = packet;
  const words = described(packet) ?? [`protocol=${protocol}`];
  return ah === undefined ? words : ["AH", `spi=${hex(ah.spi)}`, ...words];
}

function described(packet: PacketHeaders): string[] | undefined {
  const { tcp } = packet;
  if (tcp !== undefined) {
    return ["TCP", tcp.flagNames, `seq=${tcp.sequenceNumber}`, `window=${tcp.window}`];
  }
  if (packet.udp !== undefined) return ["UDP"];
  return icmpWords(packet) ?? otherWords(packet);
}

function icmpWords(packet: PacketHeaders): string[] | undefined {
  const icmp = packet.icmp ?? packet.icmpv6;
  if (icmp === undefined) return undefined;
  const name = packet.icmp === undefined ? "ICMPv6" : "ICMP";
  return icmp.echo === undefined
    ? [name, `type=${icmp.type}`, `code=${icmp.code}`]
    : [name, "echo", icmp.echo, `id=${icmp.identifier}`, `seq=${icmp.sequenceNumber}`];
}

function otherWords({ udplite, sctp, dccp, esp, gre, igmp }: PacketHeaders): string[] | undefined {
  if (udplite !== undefined) return ["UDP-Lite"];
  if (sctp !== undefined) {
    const names = sctp.chunks.slice(0, CHUNKS_SHOWN).map(({ type }) =>
      SCTP_CHUNKS[type] ?? `chunk=${type}`
    );
    return ["SCTP", names.join(",") || "none", `tag=${hex(sctp.verificationTag)}`];
  }
  if (dccp !== undefined) {
    return ["DCCP", DCCP_TYPES[dccp.type] ?? `type=${dccp.type}`, `seq=${dccp.sequenceNumber}`];
  }
  if (esp !== undefined) return ["ESP", `spi=${hex(esp.spi)}`, `seq=${esp.sequenceNumber}`];
  if (gre !== undefined) {
    const words = ["GRE", `protocol=0x${gre.protocol.toString(16).padStart(4, "0")}`];
    return gre.key === undefined ? words : [...words, `key=${hex(gre.key)}`];
  }
  if (igmp !== undefined) {
    const what = IGMP_TYPES[igmp.type] ?? `type=${igmp.type}`;
    const words = ["IGMP", `v${igmp.version}`, what];
    return igmp.group === undefined ? words : [...words, `group=${igmp.group}`];
  }
  return undefined;
}

/** 32 bits in hexadecimal. */
function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
