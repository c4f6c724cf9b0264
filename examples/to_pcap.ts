/**
 * Writes the packets that a firewall rule logs to a pcap file, until Ctrl-C.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter output ip daddr 99.99.99.99 log group 1
 *     iptables -I OUTPUT -d 99.99.99.99 -j NFLOG --nflog-group 1
 *
 * Run it, as root or with CAP_NET_ADMIN:
 *
 *     deno run --allow-ffi --allow-read=trace.pcap --allow-write=trace.pcap examples/to_pcap.ts
 *
 * and watch it live from another terminal:
 *
 *     tail -c +1 -f trace.pcap | tcpdump -l -r - -qtnp
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
