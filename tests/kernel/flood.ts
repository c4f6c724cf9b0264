/**
 * Sends UDP datagrams at full speed or at a rate: `flood.ts COUNT [SIZE [ADDRESS [PORT [RATE]]]]`; with
 * `random` as ADDRESS, to random ones of this host. Prints the number a second.
 *
 * @module
 */

import { UdpSender } from "../ffi/udp_sender.ts";

const [count = "1", size = "72", address = "127.0.0.1", port = "9", rate = "Infinity"] = Deno.args;
using sender = new UdpSender(address === "random" ? undefined : address, Number(port));
const start = performance.now();
sender.send(Number(count), Number(size), Number(rate));
console.log(`${Math.round(Number(count) / (performance.now() - start) * 1000)} packets/s`);
