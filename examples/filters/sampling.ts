/**
 * Keeps one packet in a thousand in a pcap file, and a line of every one.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter input log group 1
 *     iptables -I INPUT -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/sampling.ts --pcap sample.pcap --logemu firewall.log
 *
 * Where nothing is wanted but the sample, let the kernel draw it. That costs
 * less: 999 packets of 1,000 are never copied.
 *
 *     nft add rule inet filter input numgen inc mod 1000 == 0 log group 1
 *     iptables -I INPUT -m statistic --mode nth --every 1000 --packet 0 -j NFLOG --nflog-group 1
 *
 * No filter then:
 *
 *     scripts/nfscribe run --group 1 --pcap sample.pcap
 *
 * The filter is better when the rest is wanted as well, as lines here, and when
 * what is kept depends on more than a count. The counters then tell how many
 * packets the sample was drawn from.
 *
 * With `workers` above 1 each sandbox counts the packets that it is given, and
 * keeps one in a thousand of them.
 *
 * @module
 */

import type { Filter } from "nfscribe";

/** One packet of so many is kept. */
const ONE_IN = 1000;

let count = 0;

export default (() => {
  const sampled = count === 0;
  count = (count + 1) % ONE_IN;
  return sampled ? ["pcap", "logemu"] : "logemu";
}) satisfies Filter;
