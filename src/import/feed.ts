/**
 * Firewall rules that feed sources: for nft a file, for iptables commands.
 *
 * @module
 */

import { quoted } from "./words.ts";

/** A source that rules feed. */
export interface Feed {
  /** The target of the rules. */
  target: "NFLOG" | "ULOG";
  /** The group. */
  group: number;
  /** Bytes kept of each packet; 0 keeps all. */
  copyRange: number;
  /** Packets that the kernel collects; absent where the reader decides. */
  queueThreshold?: number;
  /** The network namespace: a path, or a process in it; absent for the shell's own. */
  netns?: string | number;
}

/** What a rule logs; a form is absent where it is not known. */
export interface FeedMatch {
  /** For nft; empty for every packet. */
  nft?: string;
  /** For iptables and ip6tables; empty for every packet. */
  iptables?: string;
  /** The programs that can match it; both where it fits IPv4 and IPv6. */
  programs: readonly ("iptables" | "ip6tables")[];
}

/** Where packets can be logged, by the chain of iptables. */
export const FEED_HOOKS = { input: "INPUT", forward: "FORWARD", output: "OUTPUT" } as const;

/** A hook. */
export type FeedHook = keyof typeof FEED_HOOKS;

/** What rules are to be made. */
export interface FeedOptions {
  /** Where packets are logged. */
  hooks: readonly FeedHook[];
  /** Which packets. */
  match: FeedMatch;
  /** The prefix; absent for the hook's name. */
  prefix?: string;
  /** Whether rules are to be taken away. */
  remove: boolean;
}

/** The table's name; loading the rules again replaces it. */
const TABLE = "inet nfscribe";
/** The longest prefix of ULOG, in bytes, less a NUL (ipt_ULOG.h). */
const ULOG_PREFIX_MAX = 31;
/** What `--ulog-qthreshold` may be at the most (`ULOG_MAX_QLEN`, ipt_ULOG.h): the fewest messages. */
const ULOG_THRESHOLD = 50;
/** What `--nflog-threshold` and nft's `queue-threshold` may be at the most: 16 bits. */
const THRESHOLD_MAX = 0xffff;

/**
 * Whether the rules for nft are a shell script: one that enters network namespaces.
 * Without any they are a file for `nft -f`.
 */
export function isNftScript(feeds: readonly Feed[]): boolean {
  return feeds.some(({ netns }) => netns !== undefined);
}

/**
 * Rules for nft, in a table of their own: it can be taken away whole, and what it
 * accepts other tables may still refuse.
 *
 * @param feeds The sources; those with ULOG, which nft has not, are passed over.
 * @param options What to log; with `match.nft`.
 * @returns A file for `nft -f`, or where {@linkcode isNftScript} holds, a shell script.
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
  // Deleting what is not there is an error; adding what is there is none.
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
 * Rules for iptables and ip6tables.
 *
 * @param feeds The sources.
 * @param options What to log; with `match.iptables`.
 * @returns Commands for a shell, a line each.
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

/** What stands before a command that is to work in a network namespace. */
function within(netns: string | number | undefined): string {
  if (netns === undefined) return "";
  const path = /^\d+$/.test(`${netns}`) ? `/proc/${netns}/ns/net` : `${netns}`;
  const name = /^\/(?:var\/)?run\/netns\/([^/]+)$/.exec(path)?.[1];
  return name === undefined
    ? `nsenter ${quoted(`--net=${path}`)} `
    : `ip netns exec ${quoted(name)} `;
}
