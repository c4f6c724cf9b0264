/**
 * Lines of text, as ulogd and the kernel's LOG target write them.
 *
 * @module
 */

export { logemuFile } from "./src/output/logemu/file.ts";
export type { LogemuFileOptions } from "./src/output/logemu/file.ts";
export type { Dialect, LogOption } from "./src/output/lines/options.ts";
export type { FileRotation } from "./src/output/file/options.ts";
export type { PacketFile } from "./src/output/packet_file.ts";
export type { OutputStats } from "./src/output/output.ts";
