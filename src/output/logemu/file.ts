/**
 * A file of LOGEMU lines for programs.
 *
 * @module
 */

import { optionsOf } from "../../schema.ts";
import type { FileRotation } from "../file/options.ts";
import { withHostname } from "../host_name.ts";
import { Output } from "../output.ts";
import { PacketFile } from "../packet_file.ts";
import { LogemuEncoder } from "./encoder.ts";
import { type Dialect, logemuEntries, logemuProblems, type LogOption } from "./options.ts";
import { openLogemuWriter } from "./writer.ts";

/** How {@linkcode logemuFile} writes. */
export interface LogemuFileOptions extends FileRotation {
  /**
   * Whose lines to write: those of ulogd 2.0.8, of ulogd 1.24, or of the kernel's
   * own LOG target.
   *
   * @default {"ulogd2"}
   */
  dialect?: Dialect;
  /**
   * Options of the LOG rule whose lines to write, with the kernel's dialect: what
   * `--log-tcp-sequence` and others of the kind add.
   *
   * @default {[]}
   */
  logOptions?: readonly LogOption[];
  /**
   * Time as syslog has it, in local time to the second, or as RFC 3339 has it, with
   * zone and microseconds.
   *
   * @default {"syslog"}
   */
  timeFormat?: "syslog" | "rfc3339";
  /**
   * The host that the lines name, cut at its first dot. This one's name takes
   * `--allow-sys=hostname`.
   *
   * @default {Deno.hostname()}
   */
  hostname?: string;
  /**
   * Whether each packet reaches the file at once, so that `tail -f` shows it;
   * otherwise lines are collected to half a mebibyte.
   *
   * @default {true}
   */
  sync?: boolean;
  /**
   * Told what happens to the file, as that somebody moved it away.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Opens a text file to append a line per packet to, as ulogd's LOGEMU output or
 * the kernel's LOG target writes it. Needs `--allow-read=PATH --allow-write=PATH`.
 *
 * @param path The file; `-` is standard output.
 * @param options How to write.
 * @returns The open file.
 * @throws {ConfigError} If an option cannot be; all problems are named at once.
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
  const writer = await openLogemuWriter(logemu, onWarning);
  return new PacketFile(new Output(path, new LogemuEncoder(logemu), writer, { sync: logemu.sync }));
}
