/**
 * Runs rules in a shell, and packets that match them.
 *
 * @module
 */

import type { Capture, Packet } from "nfscribe";
import { must, run } from "../system/process.ts";
import { sendUdp, udpProgram } from "./traffic.ts";

/**
 * Time without packets after which all have arrived, in milliseconds; the kernel collects for 10.
 */
const QUIET_MS = 300;

/** Runs commands in a shell, with iptables-legacy as iptables. */
export async function shell(...commands: readonly string[]): Promise<string> {
  const script = commands.join("\n").replaceAll(/^(ip6?tables)(?= )/gm, "$1-legacy");
  return await must(["sh", "-ec", script]);
}

/** Removes every rule and chain. */
export const cleaned: AsyncDisposable = {
  [Symbol.asyncDispose]: async () => {
    const tables = ["filter", "mangle", "raw"];
    const programs = ["iptables", "ip6tables"];
    const flushes = programs.flatMap((program) => tables.map((t) => `${program} -t ${t} -F`));
    await shell("nft flush ruleset", ...flushes);
  },
};

/** Sends packets of several protocols over loopback, the same each time. */
export async function traffic(): Promise<void> {
  for (const port of [9, 10, 11]) sendUdp(2, port, port);
  await run(udpProgram("::1"));
  await run(["bash", "-c", ": < /dev/tcp/127.0.0.1/9"]);
}

/** Takes packets until none arrives for a while; what is read beside others may begin late. */
export async function takeAllOf(packets: Capture, quietMs = QUIET_MS): Promise<Packet[]> {
  const taken: Packet[] = [];
  let timer = setTimeout(() => packets.close(), quietMs);
  for await (const packet of packets) {
    taken.push(packet);
    clearTimeout(timer);
    timer = setTimeout(() => packets.close(), quietMs);
  }
  clearTimeout(timer);
  return taken;
}
