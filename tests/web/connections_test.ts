import { assertEquals } from "@std/assert";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Connections } from "../../src/web/server/connections.ts";

/** Makes a connection from one port to an address of this host. */
function connection(localAddress: string): Socket {
  const socket = new EventEmitter();
  const ends = { remoteAddress: "192.0.2.1", remotePort: 45_678, localAddress, localPort: 9478 };
  return Object.assign(socket, ends, { destroy: () => socket.emit("close") }) as unknown as Socket;
}

Deno.test("Connections from one port to several addresses are counted each", () => {
  const connections = new Connections(3);
  const ended: number[] = [];
  const sockets = [1, 2, 3, 4, 5].map((number) => {
    const socket = connection(`198.51.100.${number}`);
    socket.once("close", () => ended.push(number));
    return socket;
  });
  for (const socket of sockets.slice(0, 3)) connections.add(socket);
  connections.answer(sockets[0]!);
  for (const socket of sockets.slice(3)) connections.add(socket);
  assertEquals([connections.size, ended], [3, [2, 3]]);
});
