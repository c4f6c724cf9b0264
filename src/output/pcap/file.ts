/** Pcap files for programs. */

import { optionsOf } from "../../schema.ts";
import { fileProblems, type FileRotation } from "../file/options.ts";
import { Output } from "../output.ts";
import { PacketFile } from "../packet_file.ts";
import { pcapEncoder } from "./encoder.ts";
import { pcapEntries } from "./options.ts";
import { openPcapWriter } from "./writer.ts";

/** Options of {@linkcode pcapFile}. */
export interface PcapFileOptions extends FileRotation {
  /**
   * File format: pcap, or pcapng, which also holds interface names, nanoseconds, and prefix, hook,
   * mark, uid, gid and sequence number as a comment.
   *
   * @default {"pcap"}
   */
  format?: "pcap" | "pcapng";
  /**
   * First header of a packet. `raw`: the IP header; only IP packets can be written. `ethernet`: an
   * Ethernet header, the real one if the kernel sent it, else one built from the known fields.
   * `nflog`: all that the kernel sent, as attributes.
   *
   * @default {"raw"}
   */
  linkType?: "raw" | "ethernet" | "nflog";
  /**
   * Returns the number of packets lost so far, such as `() => packets.stats.lost`; called for each
   * packet. A pcapng file then records with a packet how many were lost since the packet written
   * before it.
   */
  lost?: () => number;
  /**
   * Whether each packet is written at once, so that `tail -f` shows it; otherwise packets are
   * collected up to half a mebibyte.
   *
   * @default {true}
   */
  sync?: boolean;
  /**
   * Receives warnings: the torn end of an existing file was cut off, or the file was moved.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Opens a pcap or pcapng file to write packets to; an existing file is checked and appended to. The
 * file has its header once this returns. Needs `--allow-read=PATH --allow-write=PATH`.
 *
 * @param path The file; `-` is standard output.
 * @param options Format and rotation.
 * @returns The open file.
 * @throws {ConfigError} If an option is invalid; it lists all problems.
 * @throws {OutputError} If it cannot be opened, or has another format or link type; it is then
 *   unchanged.
 *
 * @example Packets of a group to a file
 * ```ts no-assert
 * import { capture, pcapFile } from "nfscribe";
 *
 * async function main() {
 *   await using packets = await capture({ group: 1, copyRange: 100 });
 *   await using file = await pcapFile("trace.pcap");
 *   for await (const packet of packets) await file.write(packet);
 * }
 * console.log(main.name);
 * ```
 */
export async function pcapFile(path: string, options: PcapFileOptions = {}): Promise<PacketFile> {
  const { onWarning = console.warn, lost, ...table } = options;
  const pcap = optionsOf(pcapEntries, { path, ...table }, "pcapFile options", fileProblems);
  const writer = await openPcapWriter(pcap, onWarning);
  const { sync, format, linkType } = pcap;
  const encoder = pcapEncoder({ format, linkType, ...lost !== undefined && { lost } });
  return new PacketFile(new Output(path, encoder, writer, { sync }));
}
