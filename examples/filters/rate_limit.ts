/**
 * Lets every sender have ten packets a second, after a burst of fifty: a flood
 * from one of them does not fill the disk.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter input ct state new log group 1
 *     iptables -I INPUT -m conntrack --ctstate NEW -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/rate_limit.ts --pcap trace.pcap --logemu firewall.log
 *
 * With `workers` above 1 each sandbox has buckets of its own, so that a sender
 * may have as many times the rate.
 *
 * @module
 */

import type { Filter } from "nfscribe";

/** Packets that a sender may have in a second. */
const RATE = 10;
/** Packets that it may have at once. */
const BURST = 50;
/** Senders that are remembered; the one not heard for longest is forgotten. */
const SENDERS_MAX = 10_000;

interface Bucket {
  /** Packets that the sender may have now. */
  tokens: number;
  /** Time at which that was true, in microseconds. */
  time: number;
}

/** Buckets by sender, the one not heard for longest first. */
const buckets = new Map<string, Bucket>();

export default ((packet) => {
  const sender = packet.source ?? "not IP";
  const { time } = packet; // in microseconds
  const bucket = buckets.get(sender) ?? { tokens: BURST, time };
  buckets.delete(sender);
  buckets.set(sender, bucket);
  if (buckets.size > SENDERS_MAX) forgetOne();
  // A clock that was set back gives nothing.
  const seconds = Math.max(0, time - bucket.time) / 1e6;
  bucket.tokens = Math.min(BURST, bucket.tokens + seconds * RATE);
  bucket.time = time;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}) satisfies Filter;

function forgetOne(): void {
  for (const sender of buckets.keys()) {
    buckets.delete(sender);
    return;
  }
}
