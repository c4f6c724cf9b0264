/** The capability that netfilter asks for. Pure. */

/** `CAP_NET_ADMIN` (linux/capability.h): number of the bit. */
const CAP_NET_ADMIN = 12n;

/**
 * Returns whether a process may configure netfilter in its own user namespace.
 *
 * @param status Contents of `/proc/PID/status`.
 */
export function hasNetAdmin(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && (BigInt(`0x${effective}`) >> CAP_NET_ADMIN & 1n) === 1n;
}

/**
 * Returns which right is missing where the kernel refuses a request to netfilter, and what to do.
 *
 * @param status Contents of `/proc/self/status`; undefined where they cannot be read.
 */
export function missingRight(status: string | undefined): string {
  return status !== undefined && hasNetAdmin(status)
    ? "CAP_NET_ADMIN is needed in the user namespace that owns this network namespace; " +
      "run nfscribe there, or make a network namespace of your own with `nfscribe try COMMAND`"
    : "CAP_NET_ADMIN is missing; run as root (or with that capability), " +
      "or try things out in a network namespace of your own with `nfscribe try COMMAND`";
}
