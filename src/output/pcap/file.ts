/**
 * A pcap file for programs.
 *
 * @module
 */

import { optionsOf } from "../../schema.ts";
import { fileProblems, type FileRotation } from "../file/options.ts";
import { Output } from "../output.ts";
import { PacketFile } from "../packet_file.ts";
import { pcapEncoder } from "./encoder.ts";
import { pcapEntries } from "./options.ts";
import { openPcapWriter } from "./writer.ts";

/** How {@linkcode pcapFile} writes. */
export interface PcapFileOptions extends FileRotation {
  /**
   * How packets lie in the file: pcap, or pcapng, which also holds interface names,
   * nanoseconds, and prefix, hook, mark, uid, gid and sequence number as a comment.
   *
   * @default {"pcap"}
   */
  format?: "pcap" | "pcapng";
  /**
   * What a packet begins with. `raw`: the IP header; other packets have no place.
   * `ethernet`: an Ethernet header, the real one where the kernel gave it, else one
   * made from what is known. `nflog`: all that the kernel told, as attributes.
   *
   * @default {"raw"}
   */
  linkType?: "raw" | "ethernet" | "nflog";
  /**
   * How many packets were lost so far, as in `() => packets.stats.lost`; it is asked
   * at each packet. A pcapng file then says at a packet how many were lost since the
   * packet written before it.
   */
  lost?: () => number;
  /**
   * Whether each packet reaches the file at once, so that `tail -f` shows it;
   * otherwise packets are collected to half a mebibyte.
   *
   * @default {true}
   */
  sync?: boolean;
  /**
   * Told if the torn end of an existing file was cut off, and what happens to the file later.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Opens a pcap or pcapng file to write packets to, or to append to after a look at
 * what is there: its header is on disk once this returns. Needs
 * `--allow-read=PATH --allow-write=PATH`.
 *
 * @param path The file; `-` is standard output.
 * @param options How to write.
 * @returns The open file.
 * @throws {ConfigError} If an option cannot be; all problems are named at once.
 * @throws {OutputError} If it cannot be opened, or is anything but a file of this format and link type; it is then untouched.
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
