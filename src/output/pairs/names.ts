/** Names of the pairs that a record may have: those at the top of the structured form. */

/** The names, in the order of a record. */
export const PAIR_NAMES = [
  ...[
    "type",
    "time",
    "capture",
    "session",
    "seq",
    "prefix",
    "action",
    "hook",
    "in",
    "out",
  ] as const,
  ...["physIn", "physOut", "mark", "uid", "gid", "source", "sourcePort", "destination"] as const,
  ...["destinationPort", "protocol", "length", "captured", "defect", "etherType", "extra"] as const,
];

/** Name of a pair. */
export type PairName = typeof PAIR_NAMES[number];
