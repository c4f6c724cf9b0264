/**
 * Sends UDP datagrams at full speed: `flood.ts COUNT [SIZE [ADDRESS [PORT]]]`.
 *
 * @module
 */

import { UdpSender } from "../../ffi/udp_sender.ts";

const [count = "1", size = "72", address = "127.0.0.1", port = "9"] = Deno.args;
using sender = new UdpSender(address, Number(port));
const start = performance.now();
sender.send(Number(count), Number(size));
console.log(`${Math.round(Number(count) / (performance.now() - start))} thousand packets/s`);
