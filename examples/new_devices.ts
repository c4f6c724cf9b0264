/**
 * Tells of devices that this network has not seen before, by their MAC address.
 * Those that are known stand in devices.txt, and stay known from run to run.
 *
 * The rules: every ARP packet, and every request to a DHCP server. The prefix
 * tells which it was.
 *
 *     nft add rule arp filter input log prefix '"arp"' group 1
 *     nft add rule inet filter input udp dport 67 log prefix '"dhcp"' group 1
 *     iptables -I INPUT -p udp --dport 67 -j NFLOG --nflog-group 1 --nflog-prefix dhcp
 *
 * iptables does not see ARP: with it alone, devices of fixed addresses are missed.
 *
 * Run it, as root or with CAP_NET_ADMIN:
 *
 *     deno run --allow-ffi=/lib/x86_64-linux-gnu/libc.so.6 --allow-read=devices.txt --allow-write=devices.txt examples/new_devices.ts
 *
 * You see, once for each device:
 *
 *     02:00:00:00:00:02 arp from 10.99.1.2 on nfs0, 2026-11-25T11:05:46.000Z
 *
 * @module
 */

import { capture } from "nfscribe";

/** Most devices that are remembered; a sender may make up addresses without end. */
const DEVICES_MAX = 100_000;

await Deno.writeTextFile("devices.txt", "", { append: true }); // there from the first run on
const lines = (await Deno.readTextFile("devices.txt")).split("\n");
const known = new Set(lines.map((line) => line.split(" ")[0]!));

await using packets = await capture({ group: 1, copyRange: 64 });
for await (const packet of packets) {
  const device = packet.hardwareAddress;
  if (device === undefined || known.has(device) || known.size > DEVICES_MAX) continue;
  known.add(device);
  const address = packet.arp?.senderAddress ?? packet.source;
  const time = new Date(packet.time / 1000).toISOString(); // a Date takes milliseconds
  const line = `${device} ${packet.prefix} from ${address} on ${packet.inDev?.name}, ${time}`;
  await Deno.writeTextFile("devices.txt", `${line}\n`, { append: true });
  console.log(line);
}
