/**
 * Five pings in a pcap file: the packets that a rule logs, 100 bytes of each, as
 * they come until Ctrl-C, for tcpdump and Wireshark.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter output ip daddr 99.99.99.99 log group 1
 *     iptables -I OUTPUT -d 99.99.99.99 -j NFLOG --nflog-group 1
 *
 * Run it, as root or with CAP_NET_ADMIN:
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 --allow-read=trace.pcap --allow-write=trace.pcap examples/to_pcap.ts
 *
 * Send something, and look, also while it runs:
 *
 *     ping -c 5 -i 0.2 -W 1 -s 200 99.99.99.99
 *     tcpdump -r trace.pcap -qtnp
 *
 * You see:
 *
 *     IP 192.0.2.1 > 99.99.99.99: ICMP echo request, id 6591, seq 1, length 208
 *
 * @module
 */

import { capture, pcapFile } from "nfscribe";

const interrupted = new AbortController();
Deno.addSignalListener("SIGINT", () => interrupted.abort());

await using file = await pcapFile("trace.pcap");
try {
  await using packets = await capture({ group: 1, copyRange: 100, signal: interrupted.signal });
  for await (const packet of packets) await file.write(packet);
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
}
console.log(`${file.stats.written} packets are in trace.pcap`);
