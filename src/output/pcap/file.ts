/**
 * A pcap file for programs.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { checkTable } from "../../schema.ts";
import { Output } from "../output.ts";
import { PacketFile } from "../packet_file.ts";
import { PcapEncoder } from "./encoder.ts";
import { pcapEntries, type PcapOptions } from "./options.ts";
import { openPcapWriter } from "./writer.ts";

/** How {@linkcode pcapFile} writes. */
export interface PcapFileOptions {
  /**
   * Whether each packet reaches the file at once, so that `tail -f` shows it;
   * otherwise packets are collected to half a mebibyte.
   *
   * @default {true}
   */
  sync?: boolean;
  /**
   * Told if the torn end of an existing file was cut off.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Opens a pcap file to write packets to, or to append to after a look at what is
 * there: its 24-byte header is on disk once this returns. Needs
 * `--allow-read=PATH --allow-write=PATH`.
 *
 * @param path The file; `-` is standard output.
 * @param options How to write.
 * @returns The open file.
 * @throws {OutputError} If it cannot be opened, or is anything but a pcap file of link type RAW; it is then untouched.
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
  const { onWarning = console.warn, ...table } = options;
  const { options: checked, problems } = checkTable(pcapEntries, { path, ...table }, "");
  if (problems.length > 0) throw new ConfigError("pcapFile options", problems);
  const pcap = checked as unknown as PcapOptions;
  const writer = await openPcapWriter(pcap, onWarning);
  return new PacketFile(new Output(path, new PcapEncoder(), writer, { sync: pcap.sync }));
}
