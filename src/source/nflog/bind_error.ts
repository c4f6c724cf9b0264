/**
 * Why the kernel did not give a group. It answers EPERM both to a process
 * without CAP_NET_ADMIN and to one that asks for a group in use; what /proc
 * tells makes the difference. Pure: the reader reads the files.
 *
 * @module
 */

/** `CAP_NET_ADMIN` (linux/capability.h): a bit's number. */
const CAP_NET_ADMIN = 12n;

/** What the reader found out after the kernel refused. */
export interface BindFacts {
  /** The error number's name. */
  code: string;
  /** What it means, for people. */
  text: string;
  /** Whether the kernel lets this process configure other groups. */
  mayConfigure: boolean;
  /** This process. */
  pid: number;
  /** `/proc/net/netfilter/nfnetlink_log`, where it was readable. */
  holders: string | undefined;
  /** `/proc/self/status`, where it was readable. */
  status: string | undefined;
  /** The command of a process, where /proc tells it. */
  commandOf(pid: number): string | undefined;
}

/**
 * The port id that holds a group.
 *
 * @param holders `/proc/net/netfilter/nfnetlink_log`: a line a group, the group and the port id first.
 * @param group The group.
 * @returns The port id, usually the process id of the holder; undefined where the group is free.
 */
export function holderOf(holders: string, group: number): number | undefined {
  for (const line of holders.split("\n")) {
    const [number, portId] = line.trim().split(/\s+/).map(Number);
    if (number === group && portId !== undefined) return portId;
  }
  return undefined;
}

/**
 * Whether a process may configure netfilter in its own user namespace.
 *
 * @param status `/proc/PID/status`.
 */
export function hasNetAdmin(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && (BigInt(`0x${effective}`) >> CAP_NET_ADMIN & 1n) === 1n;
}

/**
 * What to tell the user.
 *
 * @param group The group that was asked for.
 * @param facts What is known.
 * @returns What was tried, what is wrong and what to do.
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
  if (facts.status !== undefined && hasNetAdmin(facts.status)) {
    return "CAP_NET_ADMIN is needed in the user namespace that owns this network namespace; " +
      "run nfscribe there, or make a network namespace of your own with `nfscribe try COMMAND`";
  }
  return "CAP_NET_ADMIN is missing; run as root (or with that capability), " +
    "or try things out in a network namespace of your own with `nfscribe try COMMAND`";
}
