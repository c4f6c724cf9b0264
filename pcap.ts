/**
 * Capture files: writes them, and reads packets of them.
 *
 * @example Only the packets to one port
 * ```ts ignore
 * import { packetsFrom, pcapFile } from "nfscribe/pcap";
 *
 * await using file = await pcapFile("dns.pcap");
 * for (const packet of await packetsFrom("all.pcap.gz")) {
 *   if (packet.destinationPort === 53) await file.write(packet);
 * }
 * ```
 *
 * @module
 */

export { packetsFrom } from "./src/fixtures/packets_from.ts";
export type { PacketsFromOptions } from "./src/fixtures/packets_from.ts";
export { pcapFile } from "./src/output/pcap/file.ts";
export type { PcapFileOptions } from "./src/output/pcap/file.ts";
export type { FileRotation } from "./src/output/file/options.ts";
export type { PacketFile } from "./src/output/packet_file.ts";
export type { OutputStats } from "./src/output/output.ts";
