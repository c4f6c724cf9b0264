import { LOG_OPTIONS } from "../../src/output/lines/options.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { canRun } from "../system/process.ts";
import { compareBehindHead, compareWithHead } from "./compare.ts";
import { cornerFrames } from "./corner_packets.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { HAS_KERNEL_LOG } from "./kernel_log.ts";
import { arpFrames, damaged, ipAndArp } from "./link_frames.ts";
import { randomFrames } from "./random_packets.ts";
import { type Line, record } from "./record.ts";
import { HAS_TCPREPLAY } from "./replay.ts";
import { hasUlogd } from "./ulogd.ts";

const HAS_WIRE = HAS_NFT && HAS_TCPREPLAY &&
  canRun("unshare", "--net", "ip", "link", "add", "type", "bridge");
const HAS_KERNEL = HAS_WIRE && HAS_KERNEL_LOG;
const HAS_ULOGD = HAS_WIRE && hasUlogd("LOGEMU");
const NEEDS = " (needs tcpreplay, bridges, ulogd2, and root to read the kernel log)";
const WAYS = [{ prefix: "link: " }, {}];
/** Rules that log without the packet's payload, which the kernel's LOG cannot. */
const WITHOUT_PAYLOAD = [{ prefix: "link: ", snaplen: 0 }];

/** Returns frames that no IP layer has checked. */
async function linkFrames(): Promise<Frame[]> {
  return [
    ...arpFrames(1, 1000),
    ...damaged([...randomFrames(3, 1000), ...cornerFrames()], 4),
    ...HAS_CAPTURES ? await captureFrames() : [],
  ];
}

/**
 * Removes packets whose header claims more bytes than arrived: nfscribe treats them as truncated by
 * the copy range, and prints the length of the header.
 */
function complete(recorded: readonly Line[]): Line[] {
  return recorded.filter(({ packet }) => packet.originalLength === packet.payload?.length);
}

/** Removes the addresses of ARP, for which ulogd 2.0.8 prints their position in its memory. */
function withoutArpAddresses(recorded: readonly Line[]): Line[] {
  const without = (line: string) => line.replace(/SRC=\S+ DST=\S+ +(?=PROTO=ARP )/, "");
  return recorded.map(({ packet, theirs, ours }) => (
    { packet, theirs: without(theirs), ours: without(ours) }
  ));
}

for (const family of ["arp", "bridge", "netdev", "egress"] as const) {
  Deno.test({
    name: `every frame that ${family} rules log is the same line in nfscribe and in the kernel's ` +
      `LOG, without and with its options${HAS_KERNEL ? "" : NEEDS}`,
    ignore: !HAS_KERNEL,
    async fn() {
      const frames = family === "arp" ? arpFrames(1, 1000) : await linkFrames();
      for (const logOptions of [[], LOG_OPTIONS]) {
        const recorded = await record({ frames, ways: WAYS, peer: "kernel", family, logOptions });
        compareBehindHead(complete(recorded), frames);
      }
    },
  });
}

for (const family of ["arp", "bridge"] as const) {
  Deno.test({
    name: `every frame that ${family} rules log is the same line in nfscribe and in ulogd's ` +
      `LOGEMU, but for addresses that ulogd prints wrong${HAS_ULOGD ? "" : NEEDS}`,
    ignore: !HAS_ULOGD,
    async fn() {
      const frames = family === "arp" ? arpFrames(1, 1000) : ipAndArp(await linkFrames());
      const ways = [...WAYS, ...WITHOUT_PAYLOAD];
      const recorded = await record({ frames, ways, peer: "ulogd", family });
      compareWithHead(withoutArpAddresses(recorded), frames);
    },
  });
}
