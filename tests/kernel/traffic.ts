/**
 * Sends packets for firewall rules to log, and captures them.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { type Capture, capture, type CaptureOptions, type Packet } from "nfscribe";
import { UdpSender } from "../ffi/udp_sender.ts";
import { deno, must } from "../system/process.ts";

/** Time limit for a packet, in milliseconds. */
const DEADLINE_MS = 60_000;

/** Default destination port of UDP packets: no socket listens there. */
export const PORT = 9;

/** Sends UDP packets over loopback at full speed; returns when they are logged. */
export function sendUdp(count = 1, size = 72, port = PORT): void {
  using sender = new UdpSender("127.0.0.1", port);
  sender.send(count, size);
}

/** Returns the command line of `flood.ts`. */
function floodProgram(count: number, size: number, port: number, rate = Infinity): string[] {
  const script = fromFileUrl(new URL("flood.ts", import.meta.url).href);
  const words = [String(count), String(size), "127.0.0.1", String(port), String(rate)];
  return deno("--allow-ffi", script, ...words);
}

/**
 * Sends UDP packets from another process; returns when they are logged.
 *
 * @param count Number of packets.
 * @param size Bytes of data in each; the packet is 28 bytes longer.
 * @param port Destination port.
 * @param rate Packets a second; by default as fast as one core can.
 * @returns Packets a second that were sent.
 */
export async function flood(
  count: number,
  size = 72,
  port = PORT,
  rate = Infinity,
): Promise<number> {
  return Number.parseInt(await must(floodProgram(count, size, port, rate)));
}

/** Sends UDP packets at full speed from another process, until stopped. */
export function startFlood(size = 200, port = PORT, rate = Infinity): { stop(): Promise<void> } {
  const [command, ...args] = floodProgram(1e9, size, port, rate);
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "null" }).spawn();
  return {
    async stop() {
      child.kill();
      await child.status;
    },
  };
}

/**
 * Returns a program that sends one UDP packet: bash's redirection, which supports IPv6 and needs no
 * rights.
 */
export function udpProgram(address: string, port = PORT): string[] {
  return ["bash", "-c", `printf ping > /dev/udp/${address}/${port}`];
}

/** Captures with a short kernel timeout, without a warning about a small buffer. */
export function captureSoon(options: CaptureOptions): Promise<Capture> {
  return capture({ queueTimeoutMs: 10, onWarning: () => {}, ...options });
}

/**
 * Returns the next packets of a capture.
 *
 * @throws {Error} If they do not all arrive in time; the capture is then closed.
 */
export async function take(packets: Capture, count: number): Promise<Packet[]> {
  const taken: Packet[] = [];
  const timer = setTimeout(() => packets.close(), DEADLINE_MS);
  try {
    while (taken.length < count) {
      const { value, done } = await packets.next();
      if (done) throw new Error(`Only ${taken.length} of ${count} packets came`);
      taken.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
  return taken;
}

/** Returns the next packet of a capture. */
export async function takeOne(packets: Capture): Promise<Packet> {
  const [packet] = await take(packets, 1);
  return packet!;
}

/**
 * Takes packets until all that a rule logged are received or counted as lost.
 *
 * @param packets Capture.
 * @param logged Number of packets that the rule logged; the last one must not be lost.
 */
export async function takeAll(packets: Capture, logged: number): Promise<void> {
  const timer = setTimeout(() => packets.close(), DEADLINE_MS);
  try {
    for (;;) {
      const { received, lost } = packets.stats;
      if (received + lost >= logged) return;
      const { done } = await packets.next();
      if (done) throw new Error(`Only ${received} + ${lost} of ${logged} packets came`);
    }
  } finally {
    clearTimeout(timer);
  }
}
