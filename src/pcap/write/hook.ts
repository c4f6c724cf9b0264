/**
 * Hooks: their names, and whether a packet came in or goes out there.
 *
 * @module
 */

import { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from "../../packet/network.ts";
import { ascii } from "../../text/line.ts";

/** `NFPROTO_BRIDGE` (linux/netfilter.h) */
const NFPROTO_BRIDGE = 7;

/** Bits of `epb_flags`. */
export const INBOUND = 1;
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

/** A hook's name; undefined where it is not known. */
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
 * Which way a packet goes at a hook, seen from its interface: where it is still
 * to leave, that is the one that it leaves by, else the one that it came in by.
 *
 * @returns {@linkcode INBOUND}, {@linkcode OUTBOUND}, or 0 where the hook does not tell.
 */
export function directionAt(family: number, hook: number): number {
  const name = hookName(family, hook);
  if (name === undefined) return 0;
  return name === OUTPUT || name === POSTROUTING || name === NETDEV[1] ? OUTBOUND : INBOUND;
}
