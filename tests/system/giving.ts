/**
 * A process that hands 250 netlink sockets over on request, and exits: `giving.ts SOCKET`.
 *
 * @module
 */

import { NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { StatsServer } from "../../src/daemon/telemetry/stats_server.ts";
import { takeoverNonce } from "../../src/handover/protocol.ts";
import { HandoverServer } from "../../src/handover/server.ts";

const path = Deno.args[0]!;
const sockets = Array.from({ length: 250 }, () => NetlinkSocket.open(NETLINK_USERSOCK));
for (const socket of sockets) socket.bind();
const asked = Promise.withResolvers<Uint8Array>();
const server = await StatsServer.open(path, () => ({ sources: {} }), asked.resolve);
console.log(JSON.stringify(sockets.map(({ portId }) => portId)));
await using giver = await HandoverServer.answer(path, takeoverNonce(await asked.promise)!);
await server.close();
giver.sendSockets(sockets.map(({ descriptor }, group) => (
  { name: `${group}`, type: "nflog", group, descriptor, expected: group * 3 }
)));
