/** Names of hooks. */

/** Hooks of IPv4 and IPv6 (`NF_INET_*`) and of bridges (`NF_BR_*`, linux/netfilter_bridge.h). */
export const INET_HOOKS: readonly string[] = [
  "prerouting",
  "input",
  "forward",
  "output",
  "postrouting",
];
/** `NF_ARP_*` (linux/netfilter_arp.h) */
const ARP_HOOKS: readonly string[] = ["input", "output", "forward"];
/** `NF_NETDEV_*` (linux/netfilter.h) */
const NETDEV_HOOKS: readonly string[] = ["ingress", "egress"];
const HOOKS: Readonly<Record<number, readonly string[]>> = {
  2: INET_HOOKS,
  3: ARP_HOOKS,
  5: NETDEV_HOOKS,
  7: INET_HOOKS,
  10: INET_HOOKS,
};

/** All names of hooks. */
export const HOOK_NAMES: readonly string[] = [...new Set(Object.values(HOOKS).flat())];

/**
 * Returns the name of a hook in nftables; undefined if it has none.
 *
 * @param family `NFPROTO_*` (linux/netfilter.h).
 * @param hook Its number within the family.
 */
export function hookName(family: number | undefined, hook: number): string | undefined {
  return HOOKS[family ?? -1]?.[hook];
}
