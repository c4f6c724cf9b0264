/** Columns that several conditions are about. */

import {
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  ETH_P_RARP,
} from "../../../packet/ether_types.ts";
import type { Comparison, NetworkName } from "../syntax.ts";
import type { SqlDialect } from "./dialect.ts";

/** SQL of a condition, or a hint why there is none: text behind the word. */
export type Sql = { readonly sql: string } | { readonly hint: string };

/** Means that there is no column, and nothing else to write. */
export const NO_HINT = { hint: "" };
/** Columns of addresses. */
export const SOURCE = "source_address";
export const DESTINATION = "destination_address";

/** Returns whether the network header is of a kind: by the EtherType, in tagged frames by itself. */
export function networkSql(network: NetworkName, dialect: SqlDialect): string {
  switch (network) {
    case "ip":
    case "ip6": {
      const [type, version] = network === "ip" ? [ETH_P_IP, 4] as const : [ETH_P_IPV6, 6] as const;
      const isIp = `protocol IS NOT NULL AND ${dialect.isVersion(SOURCE, version)}`;
      return `(ethertype = ${type} OR (${isIp}))`;
    }
    case "arp":
      return `(ethertype = ${ETH_P_ARP} OR (ethertype IN (${ETH_P_8021Q}, ${ETH_P_8021AD})` +
        ` AND protocol IS NULL AND ${SOURCE} IS NOT NULL))`;
    case "rarp":
      return `ethertype = ${ETH_P_RARP}`;
  }
}

/** Returns whether IP is of a version, in rows that have a protocol: addresses may be ARP's, too. */
export function ipSql(network: "ip" | "ip6", dialect: SqlDialect): string {
  return dialect.isVersion(SOURCE, network === "ip" ? 4 : 6);
}

/** Returns a comparison as SQL spells it. */
export function sqlComparison(comparison: Comparison): string {
  return comparison === "!=" ? "<>" : comparison;
}
