/**
 * The privileged half of the LOGEMU output: a text file.
 *
 * @module
 */

import type { Need } from "../../permission.ts";
import { fileNeeds, openFile } from "../file/file_writer.ts";
import { hostnameNeeds, withHostname } from "../host_name.ts";
import type { Writer } from "../output.ts";
import type { LogemuOptions } from "./options.ts";

const NEWLINE = 0x0a;

/**
 * Opens a text file to append to. A line that somebody left without its end
 * gets one first.
 *
 * @param options Checked options.
 * @param warn Told about what works, but not as asked for.
 * @throws {OutputError} If it cannot be opened.
 */
export async function openLogemuWriter(
  options: LogemuOptions,
  warn: (message: string) => void,
): Promise<Writer> {
  const last = new Uint8Array([NEWLINE]);
  return await openFile(options, {
    header: new Uint8Array(0),
    check(readAt, size) {
      readAt(size - 1, last);
      return size;
    },
  }, warn).then(async (writer) => {
    if (last[0] !== NEWLINE) await writer.write(new Uint8Array([NEWLINE]));
    return writer;
  });
}

/** The rights that LOGEMU text takes. */
export function logemuNeeds(options: LogemuOptions): Need[] {
  return [...fileNeeds(options), ...hostnameNeeds(options, "lines")];
}

/**
 * Fills in what only the privileged side can know.
 *
 * @param options The options, where the host's name may be missing.
 * @returns The options with a host's name.
 * @throws {Deno.errors.NotCapable} If it is missing and may not be asked for.
 */
export function completeLogemuOptions(options: Record<string, unknown>): Record<string, unknown> {
  return withHostname(options, "LOGEMU lines");
}
