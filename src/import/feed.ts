/** Firewall rules that log to sources: for nft a file, for iptables commands. */

import { quoted } from "./words.ts";

/** A source for which rules are made. */
export interface Feed {
  /** The target of the rules. */
  target: "NFLOG" | "ULOG";
  group: number;
  /** Bytes to keep of each packet; 0 keeps all. */
  copyRange: number;
  /** Number of packets that the kernel collects; absent if the reader decides. */
  queueThreshold?: number;
  /** The network namespace: a path, or a process in it; absent for the shell's own. */
  netns?: string | number;
}

/** Match of a rule; a form is absent if it is not known. */
export interface FeedMatch {
  /** For nft; empty for every packet. */
  nft?: string;
  /** For iptables and ip6tables; empty for every packet. */
  iptables?: string;
  /** Programs that support it; both if it fits IPv4 and IPv6. */
  programs: readonly ("iptables" | "ip6tables")[];
}

/** Hooks where packets can be logged, with the chains of iptables. */
const FEED_HOOKS = { input: "INPUT", forward: "FORWARD", output: "OUTPUT" } as const;

/** A hook where packets can be logged. */
export type FeedHook = keyof typeof FEED_HOOKS;

/** Options of the rules. */
export interface FeedOptions {
  /** Hooks where packets are logged. */
  hooks: readonly FeedHook[];
  /** Match of the packets. */
  match: FeedMatch;
  /** The prefix; absent to use the hook's name. */
  prefix?: string;
  /** Whether to print the removal of the rules. */
  remove: boolean;
}

/** The table's name; loading the rules again replaces it. */
const TABLE = "inet nfscribe";
/** The longest prefix of ULOG in bytes, without the NUL (ipt_ULOG.h). */
const ULOG_PREFIX_MAX = 31;
/** The largest `--ulog-qthreshold` (`ULOG_MAX_QLEN`, ipt_ULOG.h), with the fewest messages. */
const ULOG_THRESHOLD = 50;
/** The largest `--nflog-threshold` and `queue-threshold` of nft: 16 bits. */
const THRESHOLD_MAX = 0xffff;

/**
 * Returns whether the rules for nft are a shell script, because they enter network namespaces.
 * Otherwise they are a file for `nft -f`.
 */
export function isNftScript(feeds: readonly Feed[]): boolean {
  return feeds.some(({ netns }) => netns !== undefined);
}

/**
 * Makes rules for nft in a table of their own: it can be removed as a whole, and packets that it
 * accepts may still be refused by other tables.
 *
 * @param feeds The sources; those with ULOG, which nft does not support, are skipped.
 * @param options Options with `match.nft`.
 * @returns A file for `nft -f`, or if {@linkcode isNftScript} holds, a shell script.
 */
export function nftFeed(feeds: readonly Feed[], options: FeedOptions): string {
  const isScript = isNftScript(feeds);
  const places = Map.groupBy(
    feeds.filter(({ target }) => target === "NFLOG"),
    ({ netns }) => netns,
  );
  return [...places].map(([netns, group]) => {
    const table = nftTable(group, options);
    return isScript ? `${within(netns)}nft -f - <<'END'\n${table}\nEND` : table;
  }).join("\n\n");
}

function nftTable(feeds: readonly Feed[], { hooks, match, prefix, remove }: FeedOptions): string {
  // Deleting a missing table is an error; adding an existing one is not.
  const gone = [`add table ${TABLE}`, `delete table ${TABLE}`];
  if (remove) return gone.join("\n");
  const chains = hooks.flatMap((hook) => [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority filter - 1; policy accept;`,
    ...feeds.map((feed) => `    ${nftRule(feed, match.nft ?? "", prefix ?? hook)}`),
    "  }",
  ]);
  return [...gone, `table ${TABLE} {`, ...chains, "}"].join("\n");
}

function nftRule(feed: Feed, match: string, prefix: string): string {
  const { group, copyRange, queueThreshold } = feed;
  return [
    ...match === "" ? [] : [match],
    `counter log prefix "${prefix}" group ${group}`,
    ...copyRange === 0 ? [] : [`snaplen ${copyRange}`],
    ...queueThreshold === undefined ? [] : [`queue-threshold ${clamped(queueThreshold)}`],
  ].join(" ");
}

/**
 * Makes rules for iptables and ip6tables.
 *
 * @param feeds The sources.
 * @param options Options with `match.iptables`.
 * @returns Commands for a shell, one a line.
 */
export function iptablesFeed(feeds: readonly Feed[], options: FeedOptions): string {
  const { hooks, match, prefix, remove } = options;
  return feeds.flatMap((feed) =>
    hooks.flatMap((hook) =>
      match.programs
        // ULOG never knew IPv6.
        .filter((program) => program === "iptables" || feed.target === "NFLOG")
        .map((program) =>
          within(feed.netns) + [
            program,
            remove ? "-D" : "-I",
            FEED_HOOKS[hook],
            ...match.iptables ? [match.iptables] : [],
            ...targetWords(feed, prefix ?? hook).map(quoted),
          ].join(" ")
        )
    )
  ).join("\n");
}

function targetWords(feed: Feed, prefix: string): string[] {
  const { group, copyRange, queueThreshold } = feed;
  if (feed.target === "NFLOG") {
    return [
      ...["-j", "NFLOG", "--nflog-group", `${group}`, "--nflog-prefix", prefix],
      ...copyRange === 0 ? [] : ["--nflog-size", `${copyRange}`],
      ...queueThreshold === undefined ? [] : ["--nflog-threshold", clamped(queueThreshold)],
    ];
  }
  return [
    ...["-j", "ULOG", "--ulog-nlgroup", `${group}`],
    ...["--ulog-prefix", prefix.slice(0, ULOG_PREFIX_MAX)],
    ...copyRange === 0 ? [] : ["--ulog-cprange", `${copyRange}`],
    ...["--ulog-qthreshold", `${ULOG_THRESHOLD}`],
  ];
}

function clamped(threshold: number): string {
  return `${Math.min(threshold, THRESHOLD_MAX)}`;
}

/** Returns the beginning of a command that runs in a network namespace. */
function within(netns: string | number | undefined): string {
  if (netns === undefined) return "";
  const path = /^\d+$/.test(`${netns}`) ? `/proc/${netns}/ns/net` : `${netns}`;
  const name = /^\/(?:var\/)?run\/netns\/([^/]+)$/.exec(path)?.[1];
  return name === undefined
    ? `nsenter ${quoted(`--net=${path}`)} `
    : `ip netns exec ${quoted(name)} `;
}
