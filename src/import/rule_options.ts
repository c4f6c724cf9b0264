/** The options of iptables and ebtables: iptables(8), iptables-extensions(8), ebtables(8). */

/** Effect of a rule on its chain. */
export type Action = "append" | "insert" | "other";

/** Matches by all of their names, with their number of values. */
const MATCHES: readonly (readonly [names: string, values: number])[] = [
  ["protocol proto p", 1],
  ["source src s", 1],
  ["destination dst d", 1],
  ["in-interface in-if i", 1],
  ["out-interface out-if o", 1],
  ["logical-in", 1],
  ["logical-out", 1],
  ["fragment f", 0],
  ["source-port sport", 1],
  ["destination-port dport", 1],
  ["source-ports sports", 1],
  ["destination-ports dports", 1],
  ["ports", 1],
  ["ctstate", 1],
  ["state", 1],
  ["limit", 1],
  ["limit-burst", 1],
  ["mark", 1],
  ["uid-owner", 1],
  ["gid-owner", 1],
  ["icmp-type", 1],
  ["icmpv6-type", 1],
  ["tcp-flags", 2],
  ["syn", 0],
  ["comment", 1],
  ["mac-source", 1],
  ["pkt-type", 1],
  ["src-type", 1],
  ["dst-type", 1],
  ["src-range", 1],
  ["dst-range", 1],
  ["ip-source ip-src", 1],
  ["ip-destination ip-dst", 1],
  ["ip-protocol ip-proto", 1],
  ["ip-source-port ip-sport", 1],
  ["ip-destination-port ip-dport", 1],
];

/** Long name and number of values of a match, by each of its names without dashes. */
export const MATCH_BY_NAME: ReadonlyMap<string, { option: string; values: number }> = new Map(
  MATCHES.flatMap(([names, values]) => {
    const [option] = names.split(" ");
    return names.split(" ").map((name) => [name, { option: option!, values }] as const);
  }),
);

/** Modules that only provide the matches above, or that a rule does not need. */
export const MODULES: readonly string[] = [
  ..."tcp udp udplite sctp dccp icmp icmp6 icmpv6 multiport conntrack state limit mark owner".split(
    " ",
  ),
  ..."comment mac pkttype addrtype iprange".split(" "),
];

/** Options without meaning for a rule, with their number of values. */
export const NOISE: Readonly<Record<string, number>> = {
  "verbose": 0,
  "v": 0,
  "numeric": 0,
  "n": 0,
  "exact": 0,
  "x": 0,
  "line-numbers": 0,
  "ipv4": 0,
  "4": 0,
  "ipv6": 0,
  "6": 0,
  "concurrent": 0,
  "set-counters": 2,
  "c": 2,
};

/** Effects of commands on the chain, by their names without dashes. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  "append": "append",
  "A": "append",
  "insert": "insert",
  "I": "insert",
  "delete": "other",
  "D": "other",
  "replace": "other",
  "R": "other",
  "check": "other",
  "C": "other",
};

/** Options of logging targets that take a value. */
const LOG_VALUES: readonly string[] = [
  ..."ulog-nlgroup ulog-cprange ulog-qthreshold ulog-prefix log-level log-prefix".split(" "),
  ..."nflog-group nflog-range nflog-size nflog-threshold nflog-prefix".split(" "),
];

/** Options of logging targets that are switches. */
export const SWITCHES: readonly string[] = [
  "ulog",
  "nflog",
  "log",
  "log-tcp-sequence",
  "log-tcp-options",
  "log-ip-options",
  "log-uid",
  "log-macdecode",
  "log-ip",
  "log-arp",
  "log-ip6",
];

/**
 * Finds the logging target's option that a word names.
 *
 * @param name Its name, or an unambiguous abbreviation, as in getopt_long(3).
 * @returns The name itself if there is no such option, or several.
 */
export function logOptionNamed(name: string): string {
  const known = [...LOG_VALUES, ...SWITCHES];
  const beginning = known.filter((option) => option.startsWith(name));
  return known.includes(name) || beginning.length !== 1 ? name : beginning[0]!;
}

/** Returns whether a logging target has an option of that name. */
export function isLogOption(name: string): boolean {
  return LOG_VALUES.includes(name) || SWITCHES.includes(name);
}
