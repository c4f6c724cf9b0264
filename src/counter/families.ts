/** Families of tables. */

import type { TableFamily } from "./facts.ts";

/** Names by `NFPROTO_*` (linux/netfilter.h), as nft(8) prints them. */
const FAMILIES: Readonly<Record<number, TableFamily>> = {
  1: "inet",
  2: "ip",
  3: "arp",
  5: "netdev",
  7: "bridge",
  10: "ip6",
};

/** Names of all families. */
export const FAMILY_NAMES: readonly TableFamily[] = Object.values(FAMILIES);

/** Returns the number of a family by its name; undefined if there is no such family. */
export function familyNumber(name: string): number | undefined {
  const [number] = Object.entries(FAMILIES).find(([, family]) => family === name) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Returns the name of a family; undefined if it has none. */
export function familyName(family: number): TableFamily | undefined {
  return FAMILIES[family];
}
