/**
 * nfscribe: the packets that Linux firewall rules log, as objects in your
 * program and as records in your files.
 *
 * @module
 */

export { capture } from "./src/capture.ts";
export type { Capture, CaptureOptions } from "./src/capture.ts";
export {
  ConfigError,
  InputError,
  NetlinkError,
  OutputError,
  StalePacketError,
} from "./src/errors.ts";
export type { ConfigProblem, NetlinkErrorOptions } from "./src/errors.ts";
export type {
  EventFields,
  Filter,
  FilterContext,
  FilterHook,
  FilterModule,
  FilterTick,
  Verdict,
} from "./src/filter/filter.ts";
export { cidr } from "./src/filter/cidr.ts";
export type { AddressMatcher } from "./src/filter/cidr.ts";
export { ports } from "./src/filter/ports.ts";
export type { PortMatcher } from "./src/filter/ports.ts";
export type { Interface } from "./src/packet/interface.ts";
export type { AhHeader } from "./src/packet/ah.ts";
export type { ArpHeader } from "./src/packet/arp.ts";
export type { DccpHeader } from "./src/packet/dccp.ts";
export type { EspHeader } from "./src/packet/esp.ts";
export type { EthernetHeader, VlanTag } from "./src/packet/ethernet.ts";
export type { GreHeader } from "./src/packet/gre.ts";
export type { IcmpHeader } from "./src/packet/icmp.ts";
export type { IcmpMessage } from "./src/packet/icmp_message.ts";
export type { Icmpv6Header } from "./src/packet/icmpv6.ts";
export type { IgmpHeader } from "./src/packet/igmp.ts";
export type { IpHeader } from "./src/packet/ip.ts";
export type { Ipv4Header } from "./src/packet/ipv4.ts";
export type { Ipv6Header } from "./src/packet/ipv6.ts";
export type { Ipv6Extension } from "./src/packet/ipv6_extension.ts";
export type { Defect, LayerName } from "./src/packet/layers.ts";
export type { NeighbourOption } from "./src/packet/neighbour.ts";
export type { HeaderOption } from "./src/packet/options.ts";
export type { Packet } from "./src/packet/packet.ts";
export type { EmbeddedPacket, PacketHeaders } from "./src/packet/packet_headers.ts";
export type { SctpChunk, SctpHeader } from "./src/packet/sctp.ts";
export type { TcpHeader, TcpTimestamps } from "./src/packet/tcp.ts";
export type { UdpHeader } from "./src/packet/udp.ts";
export type { UdpLiteHeader } from "./src/packet/udplite.ts";
export type { SourceStats } from "./src/source/source.ts";
export { pcapFile } from "./src/output/pcap/file.ts";
export type { PcapFileOptions } from "./src/output/pcap/file.ts";
export { logemuFile } from "./src/output/logemu/file.ts";
export type { LogemuFileOptions } from "./src/output/logemu/file.ts";
export type { FileRotation } from "./src/output/file/options.ts";
export type { Dialect, LogOption } from "./src/output/logemu/options.ts";
export type { PacketFile } from "./src/output/packet_file.ts";
export type { OutputStats } from "./src/output/output.ts";
