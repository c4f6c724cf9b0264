/**
 * The privileged half of the pcap output: a file that begins with its header
 * and ends at a whole record.
 *
 * @module
 */

import { OutputError } from "../../errors.ts";
import { FileWriter, STANDARD_OUTPUT } from "../file_writer.ts";
import type { Writer } from "../output.ts";
import { endOfRecords, fileHeader } from "./format.ts";
import type { LinkType, PcapOptions } from "./options.ts";
import { endOfBlocks, pcapngHeader, unnamedInterface } from "./pcapng_file.ts";
import { PcapngWriter } from "./pcapng_writer.ts";

/**
 * Opens a pcap or pcapng file; its header is on disk once this returns. A file
 * that is there already is appended to, after it was checked and the torn end
 * that a crash may have left was cut off.
 *
 * @param options Checked options.
 * @param warn Told if something was cut off.
 * @throws {OutputError} If it cannot be opened, or is anything but such a file; it is then untouched.
 */
export async function openPcapWriter(
  options: PcapOptions,
  warn: (message: string) => void,
): Promise<Writer> {
  const { path, format, linkType } = options;
  if (path === STANDARD_OUTPUT && Deno.stdout.isTerminal()) {
    throw new OutputError(
      path,
      "Cannot write pcap to a terminal; redirect it, as in `… --pcap - | tcpdump -r -`",
    );
  }
  if (format === "pcapng") return await openPcapng(path, linkType, warn);
  return await FileWriter.open(path, {
    header: fileHeader(linkType),
    check: (readAt, size) => endOfRecords(readAt, size, linkType),
  }, warn);
}

async function openPcapng(
  path: string,
  linkType: LinkType,
  warn: (message: string) => void,
): Promise<PcapngWriter> {
  let described: Uint8Array[] | undefined = [unnamedInterface(linkType)];
  const file = await FileWriter.open(path, {
    header: pcapngHeader(linkType),
    check(readAt, size) {
      const found = endOfBlocks(readAt, size, linkType);
      if (found.end > 0) described = found.described;
      return found.end;
    },
  }, warn);
  return new PcapngWriter(file, linkType, described);
}
