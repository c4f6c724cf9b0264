/**
 * Packets of local processes, logged where they leave and where they arrive on loopback.
 *
 * @module
 */

import { must, run } from "../system/process.ts";
import type { Wire, WireOptions } from "./replay.ts";

/** A user without a name, whose id no other process has. */
const USER = ["setpriv", "--reuid=1234", "--regid=5678", "--clear-groups"];

/**
 * Commands that send, as root and as another user; most of it ends with an ICMP error or a reset.
 */
const TRAFFIC = [
  ["ping", "-c", "2", "-i", "0.01", "-s", "30", "127.0.0.1"],
  ["ping", "-c", "2", "-i", "0.01", "::1"],
  ...["udp/127.0.0.1/9", "udp/::1/9", "tcp/127.0.0.1/9", "tcp/::1/9"].flatMap((target) => {
    const program = ["bash", "-c", `printf ping 2>/dev/null > /dev/${target}`];
    return [program, [...USER, ...program]];
  }),
];

/**
 * Watches loopback as {@linkcode layWire} does a cable; sending means that this machine
 * talks to itself.
 */
export async function watchLoopback({ mark = "", log }: WireOptions): Promise<Wire> {
  const turns = log.map((_, turn) => `${turn} : goto turn${turn}`).join(", ");
  const chains = log.map((statements, turn) => `chain turn${turn} {\n${statements}\n}\n`);
  const ruleset = `
table inet loopback {
  ${chains.join("")}
  chain passing {
    counter
    ${mark}
    numgen inc mod ${log.length} vmap { ${turns} }
  }
  chain leaving {
    type filter hook output priority 0
    jump passing
  }
  chain arriving {
    type filter hook input priority 0
    jump passing
  }
}
`;
  await must(["nft", "-f", "-"], ruleset);
  return {
    // The other tests have devices of their own, and their callers are in another namespace.
    inKernelLog: "=lo ",
    count: async () => {
      const listing = await must(["nft", "list", "chain", "inet", "loopback", "passing"]);
      return Number(/counter packets (\d+)/.exec(listing)?.[1]);
    },
    send: async () => {
      for (const command of TRAFFIC) await run(command);
    },
    [Symbol.asyncDispose]: async () => void await must(["nft", "flush", "ruleset"]),
  };
}
