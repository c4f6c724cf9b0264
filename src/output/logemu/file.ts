/** Files of LOGEMU lines for programs. */

import { optionsOf } from "../../schema.ts";
import type { FileRotation } from "../file/options.ts";
import { withHostname } from "../host_name.ts";
import { Output } from "../output.ts";
import { PacketFile } from "../packet_file.ts";
import { LogemuEncoder } from "./encoder.ts";
import type { Dialect, LogOption } from "../lines/options.ts";
import { openTextFile } from "../file/text.ts";
import { logemuEntries, logemuProblems } from "./options.ts";

/** Options of {@linkcode logemuFile}. */
export interface LogemuFileOptions extends FileRotation {
  /**
   * Format of the lines: that of ulogd 2.0.8, of ulogd 1.24, or of the kernel's LOG target.
   *
   * @default {"ulogd2"}
   */
  dialect?: Dialect;
  /**
   * Options of the LOG rule whose lines are written with the kernel's dialect, such as
   * `tcp-sequence` for `--log-tcp-sequence`.
   *
   * @default {[]}
   */
  logOptions?: readonly LogOption[];
  /**
   * Format of times: that of syslog, in local time to the second, or of RFC 3339, with zone and
   * microseconds.
   *
   * @default {"syslog"}
   */
  timeFormat?: "syslog" | "rfc3339";
  /**
   * Host name in the lines, cut at its first dot. Reading this host's name takes
   * `--allow-sys=hostname`.
   *
   * @default {Deno.hostname()}
   */
  hostname?: string;
  /**
   * Whether each packet is written at once, so that `tail -f` shows it; otherwise lines are
   * collected up to half a mebibyte.
   *
   * @default {true}
   */
  sync?: boolean;
  /**
   * Receives warnings about the file, for example that another program moved it away.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Opens a text file to append a line for each packet, in the format of ulogd's LOGEMU output or the
 * kernel's LOG target. Needs `--allow-read=PATH --allow-write=PATH`.
 *
 * @param path The file; `-` is standard output.
 * @param options Format of the lines and rotation.
 * @returns The open file.
 * @throws {ConfigError} If an option is invalid; it lists all problems.
 * @throws {OutputError} If the file cannot be opened.
 *
 * @example Lines of a group to a file
 * ```ts no-assert
 * import { capture, logemuFile } from "nfscribe";
 *
 * async function main() {
 *   await using packets = await capture({ group: 1 });
 *   await using file = await logemuFile("firewall.log", { hostname: "gate" });
 *   for await (const packet of packets) await file.write(packet);
 * }
 * console.log(main.name);
 * ```
 */
export async function logemuFile(
  path: string,
  options: LogemuFileOptions = {},
): Promise<PacketFile> {
  const { onWarning = console.warn, ...table } = options;
  const own = { path, ...table };
  const checked = optionsOf(logemuEntries, own, "logemuFile options", logemuProblems);
  const logemu = withHostname(checked, "LOGEMU lines");
  const writer = await openTextFile(logemu, onWarning);
  return new PacketFile(new Output(path, new LogemuEncoder(logemu), writer, { sync: logemu.sync }));
}
