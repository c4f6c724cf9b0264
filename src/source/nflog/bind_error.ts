/**
 * Explains why the kernel refused a group. It answers EPERM both to a process without CAP_NET_ADMIN
 * and to one that requests a group in use; the files in /proc show which. Pure: the reader reads
 * the files.
 */

import { missingRight } from "../net_admin.ts";

/** Facts that the reader collected after the kernel refused. */
export interface BindFacts {
  /** Name of the error number. */
  code: string;
  /** Text of the error number. */
  text: string;
  /** Whether the kernel lets this process configure other groups. */
  mayConfigure: boolean;
  pid: number;
  /** Contents of `/proc/net/netfilter/nfnetlink_log`, if readable. */
  holders: string | undefined;
  /** Contents of `/proc/self/status`, if readable. */
  status: string | undefined;
  /** Returns the command of a process, if /proc shows it. */
  commandOf(pid: number): string | undefined;
}

/**
 * Finds the port id that holds a group.
 *
 * @param holders `/proc/net/netfilter/nfnetlink_log`: a line for each group, which begins with the
 *   group and the port id.
 * @returns The port id, usually the process id of the holder; undefined if the group is free.
 */
export function holderOf(holders: string, group: number): number | undefined {
  for (const line of holders.split("\n")) {
    const [number, portId] = line.trim().split(/\s+/).map(Number);
    if (number === group && portId !== undefined) return portId;
  }
  return undefined;
}

/**
 * Builds the error message.
 *
 * @param group The requested group.
 * @param facts The known facts.
 * @returns A text that says what was tried, what is wrong and what to do.
 */
export function bindErrorMessage(group: number, facts: BindFacts): string {
  return `Cannot bind NFLOG group ${group}: ${reason(group, facts)}`;
}

function reason(group: number, facts: BindFacts): string {
  if (facts.code === "EINVAL" || facts.code === "EPROTONOSUPPORT") {
    return `this kernel has no nfnetlink_log (${facts.text}); load it with \`modprobe nfnetlink_log\`, ` +
      `or use a kernel with CONFIG_NETFILTER_NETLINK_LOG`;
  }
  const holder = facts.holders === undefined ? undefined : holderOf(facts.holders, group);
  if (holder === facts.pid) {
    return "this process holds it already; close that capture first, or choose another group";
  }
  if (holder !== undefined) {
    const command = facts.commandOf(holder);
    const name = command === undefined ? "" : `, ${command}`;
    return `another process holds it (port id ${holder}${name}); stop that process, or choose another group`;
  }
  if (facts.code !== "EPERM") return facts.text;
  if (facts.mayConfigure) {
    return "it is held already, by this process or another one (root may read by which, " +
      "in /proc/net/netfilter/nfnetlink_log); stop that one, or choose another group";
  }
  return missingRight(facts.status);
}
