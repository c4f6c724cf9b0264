/**
 * Types of what a packet has: headers, options, and its structured form. They are for
 * functions that take a part of a packet; filter scripts may import them, too.
 *
 * @example A function of a header
 * ```ts
 * import type { TcpHeader } from "nfscribe/packet";
 *
 * function isHandshake({ flagNames }: TcpHeader): boolean {
 *   return flagNames === "SYN" || flagNames === "SYN,ACK";
 * }
 * console.assert(isHandshake.length === 1);
 * ```
 *
 * @module
 */

export type { AhHeader } from "./src/packet/ah.ts";
export type { ArpHeader } from "./src/packet/arp.ts";
export type { DccpHeader } from "./src/packet/dccp.ts";
export type { EspHeader } from "./src/packet/esp.ts";
export type { EthernetHeader, VlanTag } from "./src/packet/ethernet.ts";
export type { GreHeader } from "./src/packet/gre.ts";
export type { IcmpHeader } from "./src/packet/packet_headers.ts";
export type { IcmpHeaderOf } from "./src/packet/icmp.ts";
export type { Icmpv6HeaderOf } from "./src/packet/icmpv6.ts";
export type { IcmpMessage } from "./src/packet/icmp_message.ts";
export type { Icmpv6Header } from "./src/packet/packet_headers.ts";
export type { IgmpHeader } from "./src/packet/igmp.ts";
export type { IpHeader } from "./src/packet/ip.ts";
export type { Ipv4Header } from "./src/packet/ipv4.ts";
export type { Ipv6Header } from "./src/packet/ipv6.ts";
export type { Ipv6Extension } from "./src/packet/ipv6_extension.ts";
export type { Defect, LayerName } from "./src/packet/layers.ts";
export type { NeighbourOption } from "./src/packet/neighbour.ts";
export type { HeaderOption } from "./src/packet/options.ts";
export type { EmbeddedPacket, PacketHeaders } from "./src/packet/packet_headers.ts";
export type { SctpChunk, SctpHeader } from "./src/packet/sctp.ts";
export type { TcpHeader, TcpTimestamps } from "./src/packet/tcp.ts";
export type { UdpHeader } from "./src/packet/udp.ts";
export type { UdpLiteHeader } from "./src/packet/udplite.ts";
export type { Action, ActionPatterns } from "./src/packet/actions.ts";
export type { Packet } from "./src/packet/packet.ts";
export type {
  JsonObject,
  JsonValue,
  StructuredFields,
  StructuredHeader,
  StructuredHeaders,
  StructuredPacket,
  StructuredValue,
} from "./src/packet/structured.ts";
