/**
 * Counts connections to this host on the terminal: the ten services that got
 * most packets, once a second, until Ctrl-C.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter input ct state new log group 1
 *     iptables -I INPUT -m conntrack --ctstate NEW -j NFLOG --nflog-group 1
 *
 * Run it, as root or with CAP_NET_ADMIN:
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 examples/live_counts.ts
 *
 * You see:
 *
 *        packets  service
 *             30  udp 9
 *             20  tcp 22
 *     received 50, lost 0
 *
 * @module
 */

import { capture, type Packet } from "nfscribe";

const counts = new Map<string, number>();

// Headers are enough: the kernel copies no more of a packet.
await using packets = await capture({ group: 1, copyRange: 128 });
setInterval(show, 1000);
for await (const packet of packets) {
  const service = serviceOf(packet);
  counts.set(service, (counts.get(service) ?? 0) + 1);
}

/** Names a packet's service; protocols and ports are few, so that the counts stay small. */
function serviceOf({ tcp, udp, protocol }: Packet): string {
  if (tcp !== undefined) return `tcp ${tcp.destinationPort}`;
  if (udp !== undefined) return `udp ${udp.destinationPort}`;
  return protocol === undefined ? "not IP" : `IP protocol ${protocol}`;
}

function show(): void {
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10);
  if (Deno.stdout.isTerminal()) console.clear();
  console.log("   packets  service");
  for (const [service, count] of most) console.log(`${String(count).padStart(10)}  ${service}`);
  console.log(`received ${packets.stats.received}, lost ${packets.stats.lost}`);
}
