/**
 * Makes rules for nft that spread connections over several groups, so that several readers share
 * the work and each connection stays in order.
 */

/** Families whose packets have connections, and their hooks. */
export const SHARD_FAMILIES = ["inet", "ip", "ip6", "bridge"] as const;

/** Options of the rules. */
export interface ShardOptions {
  /** Number of groups. */
  shards: number;
  /** The first group; the others follow it. */
  group: number;
  /** The table's family. */
  family: typeof SHARD_FAMILIES[number];
}

/** The table's name; loading the rules again replaces it. */
const TABLE = "nfscribe_shards";

/**
 * Makes the rules. The hash is `symhash`: addresses and ports in a canonical order, the same for
 * both directions (`__skb_get_hash_symmetric` in linux/skbuff.h). `jhash ct id` would not match
 * packets without connection tracking.
 *
 * @returns A file for `nft -f`.
 */
export function shardRules({ shards, group, family }: ShardOptions): string {
  const numbers = Array.from({ length: shards }, (_, index) => index);
  const groups = numbers.map((number) => group + number);
  const verdicts = numbers.map((number) => `${number} : goto shard${number}`);
  const hooks = ["input", "forward", "output"];
  return [
    `# Logs every packet of input, forward and output to one of the groups ${groups.join(", ")}:`,
    "# both directions of a connection to the same one. Put matches before symhash to log less.",
    "# Needs Linux 4.12 and nft 0.8, and no connection tracking. Two things to know: in prerouting and",
    "# postrouting the directions of a connection under NAT differ, so log in the hooks below; and",
    "# fragments, where connection tracking does not put them together, go by their addresses only.",
    "#",
    `# nfscribe reads them with: [[source]] type = "nflog", groups = [${groups.join(", ")}]`,
    "",
    `add table ${family} ${TABLE}`,
    `delete table ${family} ${TABLE}`,
    `table ${family} ${TABLE} {`,
    ...numbers.flatMap((number) => [
      `  chain shard${number} {`,
      `    log group ${group + number}`,
      "  }",
    ]),
    "  chain shards {",
    `    symhash mod ${shards} vmap { ${verdicts.join(", ")} }`,
    "  }",
    ...hooks.flatMap((hook) => [
      `  chain ${hook} {`,
      `    type filter hook ${hook} priority filter; policy accept;`,
      "    jump shards",
      "  }",
    ]),
    "}",
  ].join("\n");
}
