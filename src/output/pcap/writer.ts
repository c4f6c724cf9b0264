/**
 * The privileged half of the pcap output: writes files that begin with a header and end at a whole
 * record.
 */

import { OutputError } from "../../errors.ts";
import { openFile } from "../file/open.ts";
import { STANDARD_OUTPUT } from "../file/options.ts";
import type { Writer } from "../output.ts";
import { endOfRecords, fileHeader } from "../../pcap/write/pcap.ts";
import type { PcapOptions } from "./options.ts";
import { PcapngWriter } from "./pcapng_writer.ts";

/**
 * Opens a pcap or pcapng file, which has its header once this returns. An existing file is checked,
 * a torn end that a crash may have left is cut off, and packets are appended.
 *
 * @param options Checked options.
 * @param warn Receives a warning if a torn end was cut off.
 * @throws {OutputError} If it cannot be opened, or has another format; it is then unchanged.
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
  if (format === "pcapng") return await PcapngWriter.open(options, warn);
  return await openFile(options, {
    header: fileHeader(linkType),
    check: (readAt, size) => ({ end: endOfRecords(readAt, size, linkType) }),
  }, warn);
}
