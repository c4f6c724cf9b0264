/**
 * Port ids of netlink sockets.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";

/** Returns the port ids of this network namespace's sockets of a protocol: `sk Eth Pid …` (/proc/net/netlink). */
export function portIds(protocol: number): number[] {
  const lines = readProcFile("/proc/net/netlink")!.trim().split("\n").slice(1);
  return lines.map((line) => line.split(/\s+/).slice(1).map(Number))
    .filter(([ofLine, portId]) => ofLine === protocol && portId !== 0)
    .map(([, portId]) => portId!);
}
