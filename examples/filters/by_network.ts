/**
 * Keeps what crosses the border between the own networks and the rest of the
 * world; what stays inside is dropped, everything else is a line.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter forward log group 1
 *     iptables -I FORWARD -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/by_network.ts --pcap trace.pcap --logemu firewall.log
 *
 * @module
 */

import { cidr, type Filter } from "nfscribe";

const inside = cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

export default ((packet) => {
  const from = inside.source(packet);
  const to = inside.destination(packet);
  if (from !== to) return ["pcap", "logemu"];
  return from ? false : "logemu";
}) satisfies Filter;
