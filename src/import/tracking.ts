/** Rules that make the kernel track connections. */

/** Advice where nothing is tracked. */
export const TRACKING_ADVICE =
  "nothing is tracked before a rule uses connection tracking; this one does nothing else";

/** Commands for a rule that uses connection tracking, and does nothing else. */
export const TRACKING_COMMANDS: readonly string[] = [
  "nft add table inet tracked",
  "nft add chain inet tracked prerouting '{ type filter hook prerouting priority 0; }'",
  "nft add rule inet tracked prerouting ct state new",
];
