/**
 * nfscribe: the packets that Linux firewall rules log, as objects in your
 * program and as records in your files.
 *
 * @module
 */

export { capture } from "./src/capture.ts";
export type { Capture, CaptureOptions } from "./src/capture.ts";
export { ConfigError, NetlinkError, OutputError, StalePacketError } from "./src/errors.ts";
export type { ConfigProblem, NetlinkErrorOptions } from "./src/errors.ts";
export type { Interface } from "./src/packet/interface.ts";
export type { IcmpHeader } from "./src/packet/icmp.ts";
export type { IpHeader } from "./src/packet/ip.ts";
export type { Packet, VlanTag } from "./src/packet/packet.ts";
export type { TcpHeader } from "./src/packet/tcp.ts";
export type { UdpHeader } from "./src/packet/udp.ts";
export type { SourceStats } from "./src/source/source.ts";
export { pcapFile } from "./src/output/pcap/file.ts";
export type { PcapFileOptions } from "./src/output/pcap/file.ts";
export { logemuFile } from "./src/output/logemu/file.ts";
export type { LogemuFileOptions } from "./src/output/logemu/file.ts";
export type { Dialect } from "./src/output/logemu/options.ts";
export type { PacketFile } from "./src/output/packet_file.ts";
export type { OutputStats } from "./src/output/output.ts";
