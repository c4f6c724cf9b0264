/**
 * Prints a line per packet that a firewall rule logs to an NFLOG group.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter output ip daddr 99.99.99.99 log group 1
 *     iptables -I OUTPUT -d 99.99.99.99 -j NFLOG --nflog-group 1
 *
 * Run it, as root or with CAP_NET_ADMIN, with the group's number (1 if left out):
 *
 *     deno run --allow-ffi examples/capture.ts [group]
 *
 * @module
 */

import { capture } from "nfscribe";

await using packets = await capture({ group: Number(Deno.args[0] ?? 1) });
for await (const packet of packets) console.log(`${packet}`);
