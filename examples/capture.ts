/**
 * Prints a line for each packet that a rule logs, as it comes.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter output ip daddr 99.99.99.99 log group 1
 *     iptables -I OUTPUT -d 99.99.99.99 -j NFLOG --nflog-group 1
 *
 * Run it, as root or with CAP_NET_ADMIN, with the group's number (1 if left out):
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 examples/capture.ts 1
 *
 * You see, for a ping:
 *
 *     2026-11-25T11:05:46.712496Z output out=lo uid=0 gid=0 192.0.2.1 > 99.99.99.99 ICMP echo request id=6591 seq=1 length=84
 *
 * @module
 */

import { capture } from "nfscribe";

await using packets = await capture({ group: Number(Deno.args[0] ?? 1) });
for await (const packet of packets) console.log(`${packet}`);
