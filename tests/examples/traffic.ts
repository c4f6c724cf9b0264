/**
 * Traffic of people who use a network, over loopback.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { must, run } from "../system/process.ts";

/** Tries to connect to TCP ports that are closed. */
export async function knock(...ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
}

/** Sends a UDP packet, a character a byte. */
export async function sendBytes(port: number, message: string): Promise<void> {
  const bytes = Uint8Array.from(message, (character) => character.charCodeAt(0));
  const socket = createSocket("udp4");
  await new Promise((resolve) => socket.send(bytes, port, "127.0.0.1", resolve));
  await closed(socket);
}

/** Sends a UDP packet as another user. */
export async function sendAs(uid: number, size: number, port = 9): Promise<void> {
  const command = ["bash", "-c", `printf ${"x".repeat(size)} > /dev/udp/127.0.0.1/${port}`];
  await must(["setpriv", `--reuid=${uid}`, "--clear-groups", ...command]);
}

/** Takes what comes to a UDP port, so that the kernel sends no errors back. */
export async function takeDatagrams(port: number): Promise<AsyncDisposable> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(port, "127.0.0.1", resolve));
  return { [Symbol.asyncDispose]: () => closed(socket) };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.close(() => resolve()));
}

/** Has packets for an address come and go over loopback, unanswered. */
export async function makeSilent(address: string): Promise<void> {
  await run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"]);
  await must(["ip", "route", "replace", address, "dev", "lo", "src", "192.0.2.1"]);
}
