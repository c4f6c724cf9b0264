/**
 * Keeps mail and name service packet by packet, and a line of everything.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter forward log group 1
 *     iptables -I FORWARD -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/by_port.ts --pcap trace.pcap --logemu firewall.log
 *
 * @module
 */

import { type Filter, ports } from "nfscribe";

const recorded = ports(25, 53, 110, 143, 465, 587, "993-995");

export default ((packet) => {
  return recorded.either(packet) ? ["pcap", "logemu"] : "logemu";
}) satisfies Filter;
