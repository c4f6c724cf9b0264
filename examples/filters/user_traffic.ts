/**
 * Counts what each user of this host sends: packets and bytes, logged every
 * minute, and once more at the end.
 *
 * The rule, for all but the system's own users, in either form:
 *
 *     nft add rule inet filter output meta skuid 1000-4294967294 log group 1
 *     iptables -I OUTPUT -m owner --uid-owner 1000-4294967294 -j NFLOG --nflog-group 1
 *
 * Run it; 40 bytes hold the length of a packet:
 *
 *     scripts/nfscribe run --group 1 --copy-range 40 --filter examples/filters/user_traffic.ts --logemu users.log
 *
 * You see in users.log, with a time and this host's name before it:
 *
 *     EVENT=traffic UID=1000 PACKETS=10 BYTES=1000
 *
 * State is per sandbox: leave `workers` at 1.
 *
 * @module
 */

import type { Filter, FilterTick } from "nfscribe";

interface Sum {
  packets: number;
  bytes: number;
}

/** Packets and bytes of each user since the last line. */
const sums = new Map<number, Sum>();

export default (({ uid, originalLength = 0 }) => {
  if (uid === undefined) return;
  const { packets, bytes } = sums.get(uid) ?? { packets: 0, bytes: 0 };
  sums.set(uid, { packets: packets + 1, bytes: bytes + originalLength });
}) satisfies Filter;

/** Tells the sums, and begins anew. */
export const tick: FilterTick = (context) => {
  for (const [UID, { packets: PACKETS, bytes: BYTES }] of sums) {
    context.emit("logemu", { EVENT: "traffic", UID, PACKETS, BYTES });
  }
  sums.clear();
};

/** Interval of the calls of `tick`, in milliseconds. */
export const tickMs = 60_000;

export const stop = tick;
