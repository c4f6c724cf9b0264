/** Names and directions of netfilter hooks. */

import { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from "../../packet/network.ts";
import { ascii } from "../../text/line.ts";

/** `NFPROTO_BRIDGE` (linux/netfilter.h) */
const NFPROTO_BRIDGE = 7;

/** Bits of `epb_flags`. */
const INBOUND = 1;
export const OUTBOUND = 2;

const PREROUTING = ascii("prerouting");
const INPUT = ascii("input");
const FORWARD = ascii("forward");
const OUTPUT = ascii("output");
const POSTROUTING = ascii("postrouting");

/** `NF_INET_*` (linux/netfilter.h), the same for bridges. */
const INET: readonly Uint8Array[] = [PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING];
/** `NF_ARP_*` (linux/netfilter_arp.h) */
const ARP: readonly Uint8Array[] = [INPUT, OUTPUT, FORWARD];
/** `NF_NETDEV_*` (linux/netfilter.h) */
const NETDEV: readonly Uint8Array[] = [ascii("ingress"), ascii("egress")];

/** Returns a hook's name; undefined if it is unknown. */
export function hookName(family: number, hook: number): Uint8Array | undefined {
  switch (family) {
    case NFPROTO_IPV4:
    case NFPROTO_IPV6:
    case NFPROTO_BRIDGE:
      return INET[hook];
    case NFPROTO_ARP:
      return ARP[hook];
    case NFPROTO_NETDEV:
      return NETDEV[hook];
    default:
      return undefined;
  }
}

/**
 * Returns the direction of a packet at a hook, relative to its interface: the one by which it will
 * leave, or else the one by which it arrived.
 *
 * @returns {@linkcode INBOUND}, {@linkcode OUTBOUND}, or 0 if the hook does not decide it.
 */
export function directionAt(family: number, hook: number): number {
  const name = hookName(family, hook);
  if (name === undefined) return 0;
  return name === OUTPUT || name === POSTROUTING || name === NETDEV[1] ? OUTBOUND : INBOUND;
}
