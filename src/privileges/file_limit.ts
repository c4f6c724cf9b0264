/** Checks the limit of open files: without room for another descriptor, Deno itself ends. */

import { readProcFile } from "../../ffi/proc_file.ts";
import type { Config } from "../config/config.ts";

/** Descriptors of Deno, the log, the counters' sockets with some clients, and a rotation. */
const BASE = 40;
/** Descriptors of a source: its socket, that of interface names, an event. */
const PER_SOURCE = 3;
/** Descriptors of an output: its file and the next one, its spool, compression. */
const PER_OUTPUT = 6;
/** Descriptors of a sandbox, of the one that replaces it in a reload, and for starting it. */
const PER_SANDBOX = 11;

/** Returns the number of descriptors that a configuration needs at the most. */
export function descriptorsOf({ sources, outputs, filter }: Config): number {
  return BASE + PER_SOURCE * sources.length + PER_OUTPUT * outputs.length +
    PER_SANDBOX * (filter?.workers ?? 1);
}

/** Returns the limit of open files in the text of /proc/self/limits; Infinity without one. */
export function openFilesLimit(limits: string): number {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return limit === undefined ? Infinity : Number(limit);
}

/**
 * Requires a limit of open files that is high enough.
 *
 * @throws {Deno.errors.NotSupported} If it is too low; the message has both numbers.
 */
export function requireOpenFiles(config: Config): void {
  const limit = openFilesLimit(readProcFile("/proc/self/limits") ?? "");
  const needed = descriptorsOf(config);
  if (limit >= needed) return;
  throw new Deno.errors.NotSupported(
    `Cannot start: this configuration needs up to ${needed} open files, and the limit is ${limit}; ` +
      `raise it with \`ulimit -n ${needed}\`, or with LimitNOFILE=${needed} in the unit`,
  );
}
