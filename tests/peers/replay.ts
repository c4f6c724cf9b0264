/**
 * Replays frames over a veth pair, so that firewall rules log them.
 *
 * @module
 */

import { canRun, hasProgram, must, until } from "../system/process.ts";
import { type Frame, pcapOf } from "./frames.ts";

/** Whether tcpreplay is available; name the reason in the test. */
export const HAS_TCPREPLAY: boolean = hasProgram("tcpreplay") && canRun("taskset", "1", "true");

/** Rules that log, and a sender of packets to them. */
export interface Wire extends AsyncDisposable {
  /** Text that only these lines of the kernel's log contain. */
  readonly inKernelLog: string;
  /** Returns the number of packets that have reached the rules. */
  count(): Promise<number>;
  /**
   * Sends frames in batches, and waits in between.
   *
   * @param frames The frames.
   * @param settled Returns whether all logs have so many packets.
   */
  send(frames: readonly Frame[], settled: (count: number) => boolean): Promise<void>;
}

/** Hooks of each family, before anything that might change or drop packets. */
const HOOKS = {
  inet: "hook prerouting priority -450",
  arp: "hook input priority -450",
  netdev: "hook ingress device RECEIVER priority 1",
  egress: "hook egress device SENDER priority 1",
  bridge: "hook prerouting priority -450",
  forward: "hook forward priority -450",
} as const;

/**
 * A family of nftables; `forward` is `inet`, in which packets have an output device too, and
 * `egress` is `netdev`, where they leave.
 */
export type Family = keyof typeof HOOKS;

/** Options of {@linkcode layWire}. */
export interface WireOptions {
  /** A folder for temporary files. */
  folder: string;
  /**
   * The family whose rules log.
   *
   * @default {"inet"}
   */
  family?: Family;
  /** Statements that mark every packet, one a line, before it is logged. */
  mark?: string;
  /** Sets of log statements, one a line, which packets match in turn. */
  log: readonly string[];
}

/**
 * Frames per batch. The kernel log holds at least 500 lines, so that none is lost however slowly it
 * is read.
 */
const AT_ONCE = 250;

/**
 * Creates a veth pair and rules for it. Disposing removes both.
 *
 * The rules drop each packet after logging it, so that this machine answers none of them.
 */
export async function layWire(options: WireOptions): Promise<Wire> {
  const { folder, family = "inet", mark = "", log } = options;
  const id = crypto.getRandomValues(new Uint8Array(3)).toHex();
  const [sender, receiver, bridge] = [`tx${id}`, `rx${id}`, `br${id}`];
  const links = [
    `link add ${sender} mtu 65535 type veth peer name ${receiver} mtu 65535`,
    // No frames of its own, which would mix with those that are sent.
    `link set ${sender} addrgenmode none up`,
    `link set ${receiver} addrgenmode none up`,
  ];
  if (family === "bridge") {
    links.push(
      `link add ${bridge} mtu 65535 type bridge mcast_snooping 0`,
      `link set ${receiver} master ${bridge}`,
      `link set ${bridge} addrgenmode none up`,
    );
  }
  await must(["ip", "-batch", "-"], links.join("\n"));
  if (family === "forward") await routeBack(sender, receiver);
  const isLeaving = family === "egress";
  const table = isLeaving ? "netdev" : family === "forward" ? "inet" : family;
  // The sender learns of drops on output, and would send again.
  const end = isLeaving ? "accept" : "drop";
  const turns = log.map((_, turn) => `${turn} : goto turn${turn}`).join(", ");
  const chains = log.map((statements, turn) => `chain turn${turn} {\n${statements}\n${end}\n}\n`);
  // Frames are for other hosts, whose packets would not reach the IP layer.
  const ruleset = `
table netdev arrival {
  chain ingress {
    type filter hook ingress device ${receiver} priority 0
    meta pkttype set host
  }
}
table ${table} replay {
  ${chains.join("")}
  chain arriving {
    type filter ${HOOKS[family].replace("RECEIVER", receiver).replace("SENDER", sender)}
    ${isLeaving ? "" : `iifname != "${receiver}" accept`}
    counter
    ${mark}
    numgen inc mod ${log.length} vmap { ${turns} }
  }
}
`;
  await must(["nft", "-f", "-"], ruleset);
  const count = async () => {
    const listing = await must(["nft", "list", "chain", table, "replay", "arriving"]);
    return Number(/counter packets (\d+)/.exec(listing)?.[1]);
  };
  const send: Wire["send"] = async (frames, settled) => {
    const path = `${folder}/${receiver}.pcap`;
    for (let at = 0; at < frames.length; at += AT_ONCE) {
      await Deno.writeFile(path, pcapOf(frames.slice(at, at + AT_ONCE)));
      // One processor, so that no packet overtakes another between two rules.
      await must(["taskset", "1", "tcpreplay", "--quiet", "--pps=50000", "-i", sender, path]);
      await settle(count, settled);
    }
    await Deno.remove(path);
  };
  return {
    inKernelLog: isLeaving ? `OUT=${sender} ` : `IN=${receiver} `,
    count,
    send,
    async [Symbol.asyncDispose]() {
      await must(["nft", "flush", "ruleset"]);
      await must(["ip", "link", "del", sender]);
      if (family === "forward") await forwarding(0);
      if (family === "bridge") await must(["ip", "link", "del", bridge]);
    },
  };
}

/** Makes this namespace a router that would send every packet out by the other end. */
async function routeBack(sender: string, receiver: string): Promise<void> {
  await forwarding(1);
  await must([
    "sysctl",
    "-q",
    "-w",
    ...["all", receiver].map((name) => `net.ipv4.conf.${name}.rp_filter=0`),
  ]);
  for (const version of ["-4", "-6"]) {
    await must(["ip", version, "route", "replace", "default", "dev", sender]);
  }
}

/** Sets forwarding. Routers send packets of their own, so this must not outlast its test. */
async function forwarding(on: 0 | 1): Promise<void> {
  await must([
    "sysctl",
    "-q",
    "-w",
    `net.ipv4.ip_forward=${on}`,
    `net.ipv6.conf.all.forwarding=${on}`,
  ]);
}

/** Waits until the counter is stable and the logs have as many packets. */
async function settle(
  count: () => Promise<number>,
  settled: (count: number) => boolean,
): Promise<void> {
  let counted = -1;
  await until("all replayed packets are counted and logged", async () => {
    const before = counted;
    counted = await count();
    return counted === before && settled(counted);
  });
}
