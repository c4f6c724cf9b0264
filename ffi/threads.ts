/**
 * What the kernel tells about each thread of this process.
 *
 * @module
 */

import { entriesOf } from "./files.ts";
import { readProcFile } from "./proc_file.ts";

/** Whom a thread acts for and what it may, as of `/proc/self/task/N/status` (proc(5)). */
export interface ThreadStatus {
  /** The thread's name. */
  name: string;
  /** Real, effective, saved and file system user. */
  uids: number[];
  /** Real, effective, saved and file system group. */
  gids: number[];
  /** All of its groups. */
  groups: number[];
  /** Capabilities in any of the permitted, effective, inheritable and ambient sets, a bit each. */
  capabilities: bigint;
  /** Whether no program that it starts gives it more rights. */
  noNewPrivileges: boolean;
}

/** All threads of this process; one that ends meanwhile may be missing. */
export function threadsOfProcess(): ThreadStatus[] {
  const folder = "/proc/self/task";
  return entriesOf(folder).flatMap((id) => {
    const status = readProcFile(`${folder}/${id}/status`);
    return status === undefined ? [] : [threadStatus(status)];
  });
}

/**
 * Reads a thread's status.
 *
 * @param text As in `/proc/self/status`.
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
