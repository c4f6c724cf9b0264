/** Reads the status of each thread of this process. */

import { entriesOf } from "./files.ts";
import { readProcFile } from "./proc_file.ts";

/** Users, groups and rights of a thread, from `/proc/self/task/N/status` (proc(5)). */
export interface ThreadStatus {
  /** Name of the thread. */
  name: string;
  /** Real, effective, saved and file system user. */
  uids: number[];
  /** Real, effective, saved and file system group. */
  gids: number[];
  groups: number[];
  /** Union of its permitted, effective, inheritable and ambient capabilities, a bit each. */
  capabilities: bigint;
  /** Whether no_new_privs is set. */
  noNewPrivileges: boolean;
}

/** Returns the status of all threads; one that ends in the meantime may be missing. */
export function threadsOfProcess(): ThreadStatus[] {
  const folder = "/proc/self/task";
  return entriesOf(folder).flatMap((id) => {
    const status = readProcFile(`${folder}/${id}/status`);
    return status === undefined ? [] : [threadStatus(status)];
  });
}

/**
 * Parses a thread's status.
 *
 * @param text Text, as in `/proc/self/status`.
 */
export function threadStatus(text: string): ThreadStatus {
  const lines = new Map(
    text.split("\n").map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name, value.join(":").trim()];
    }),
  );
  const numbers = (name: string) =>
    (lines.get(name) ?? "").split(/\s+/).filter(Boolean).map(Number);
  const set = (name: string) => BigInt(`0x${lines.get(name) ?? "0"}`);
  return {
    name: lines.get("Name") ?? "",
    uids: numbers("Uid"),
    gids: numbers("Gid"),
    groups: numbers("Groups"),
    capabilities: set("CapPrm") | set("CapEff") | set("CapInh") | set("CapAmb"),
    noNewPrivileges: lines.get("NoNewPrivs") === "1",
  };
}
