/** Facts about the counts of an object from which lines and the structured form are made. */

/** Kind of an object: of nfacct(8), or a named counter of nftables. */
export type CounterObject = "nfacct" | "nft";

/** Family of a table of nftables, in nft's words. */
export type TableFamily = "inet" | "ip" | "arp" | "netdev" | "bridge" | "ip6";

/** Limit of an object of nfacct; of `packets` and `bytes` there is one. */
export interface CounterQuota {
  /** Limit in packets. */
  packets?: number;
  /** Limit in bytes. */
  bytes?: number;
  /** Whether it was exceeded. */
  exceeded: boolean;
}

/** Facts about the counts of an object: those of `Counter` that are shown. */
export interface CounterFacts {
  readonly time: number;
  readonly seq: number | undefined;
  readonly object: CounterObject;
  readonly family: TableFamily | undefined;
  readonly table: string | undefined;
  readonly name: string;
  readonly packets: number | undefined;
  readonly bytes: number | undefined;
  readonly interval: number | undefined;
  readonly totalPackets: number | undefined;
  readonly totalBytes: number | undefined;
  readonly restarted: boolean;
  readonly quota: CounterQuota | undefined;
}
