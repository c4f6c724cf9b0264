/**
 * Keeps one packet in a hundred, always the same ones of the same traffic.
 *
 * Where only a sample is wanted, the kernel can draw it and spare the rest the
 * way (`numgen inc mod 100 == 0` in nft, `-m statistic --mode nth` in iptables).
 * A filter is for what the kernel does not see: here every line is kept, and a
 * sample of the bytes.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter forward log group 1
 *     iptables -I FORWARD -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/sampling.ts --pcap trace.pcap --logemu firewall.log
 *
 * With `workers` above 1 each sandbox counts the packets that it is given, and
 * keeps one in a hundred of them.
 *
 * @module
 */

import type { Filter } from "nfscribe";

/** One packet of so many is kept. */
const ONE_IN = 100;

let count = 0;

export default (() => {
  const sampled = count === 0;
  count = (count + 1) % ONE_IN;
  return sampled ? ["pcap", "logemu"] : "logemu";
}) satisfies Filter;
