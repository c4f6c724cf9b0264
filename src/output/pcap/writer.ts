/**
 * The privileged half of the pcap output: a file that begins with its header
 * and ends at a whole record.
 *
 * @module
 */

import { FileWriter } from "../file_writer.ts";
import type { Writer } from "../output.ts";
import { OutputError } from "../../errors.ts";
import { STANDARD_OUTPUT } from "../file_writer.ts";
import { endOfRecords, fileHeader } from "./format.ts";
import type { PcapOptions } from "./options.ts";

/**
 * Opens a pcap file; its header is on disk once this returns. A file that is
 * there already is appended to, after its header was checked and the torn end
 * that a crash may have left was cut off.
 *
 * @param options Checked options.
 * @param warn Told if something was cut off.
 * @throws {OutputError} If it cannot be opened, or is anything but such a file; it is then untouched.
 */
export function openPcapWriter(
  options: PcapOptions,
  warn: (message: string) => void,
): Promise<Writer> {
  const { path } = options;
  if (path === STANDARD_OUTPUT && Deno.stdout.isTerminal()) {
    throw new OutputError(
      path,
      "Cannot write pcap to a terminal; redirect it, as in `… --pcap - | tcpdump -r -`",
    );
  }
  return FileWriter.open(path, { header: fileHeader(), check: endOfRecords }, warn);
}
