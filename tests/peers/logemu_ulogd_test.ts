import { assertGreater } from "@std/assert";
import { HAS_NFT } from "../kernel/firewall.ts";
import { compareWithHead } from "./compare.ts";
import { cornerFrames } from "./corner_packets.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { randomFrames } from "./random_packets.ts";
import { record, type Way } from "./record.ts";
import { HAS_TCPREPLAY } from "./replay.ts";
import { hasUlogd } from "./ulogd.ts";

const HAS_ALL = hasUlogd("LOGEMU") && HAS_NFT && HAS_TCPREPLAY;
const NEEDS = HAS_ALL ? "" : " (needs ulogd2, tcpreplay and root)";

/** Prefixes as users write them, and odd ones. */
const PREFIXES = [undefined, "", " ", "drop: ", "no-space", "é\tü", "x".repeat(127)];
const WHOLE: readonly Way[] = PREFIXES.map((prefix) => prefix === undefined ? {} : { prefix });
/** Lengths around the ends of headers, and none at all. */
const CUT: readonly Way[] = [
  0,
  1,
  8,
  19,
  20,
  21,
  24,
  28,
  32,
  39,
  40,
  41,
  44,
  48,
  52,
  60,
  64,
  72,
  80,
  100,
]
  .map((snaplen) => ({ prefix: "cut: ", snaplen }));

async function compare(frames: readonly Frame[], ways: readonly Way[]): Promise<void> {
  compareWithHead(await record({ frames, ways, peer: "ulogd" }), frames);
}

for (const [ways, how] of [[WHOLE, ""], [CUT, ", cut at many lengths,"]] as const) {
  Deno.test({
    name: `every packet of the captures${how} is the same line in nfscribe and in ulogd's LOGEMU` +
      NEEDS + (HAS_CAPTURES ? "" : " (needs ../shared/pcaps)"),
    ignore: !HAS_ALL || !HAS_CAPTURES,
    fn: async () => compare(await captureFrames(), ways),
  });

  Deno.test({
    name: `every header that ends early${how} is the same line in nfscribe and in ulogd's LOGEMU` +
      NEEDS,
    ignore: !HAS_ALL,
    fn: () => compare(cornerFrames(), ways),
  });

  for (const seed of [1, 2, undefined]) {
    Deno.test({
      name: `every random packet of seed ${seed ?? "as printed"}${how} is the same line in ` +
        `nfscribe and in ulogd's LOGEMU${NEEDS}`,
      ignore: !HAS_ALL,
      async fn() {
        const chosen = seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
        if (seed === undefined) console.log(`seed ${chosen}`);
        await compare(randomFrames(chosen, 3000), ways);
      },
    });
  }
}

Deno.test({
  name:
    "the packets of local users, out and in by loopback, are the same lines in nfscribe and in " +
    `ulogd's LOGEMU, with their UID and GID${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const recorded = await record({ frames: [], ways: WHOLE, peer: "ulogd", family: "loopback" });
    assertGreater(recorded.filter(({ ours }) => ours.includes("UID=1234 GID=5678 ")).length, 0);
    compareWithHead(recorded, []);
  },
});

Deno.test({
  name: "every packet that is forwarded is the same line in nfscribe and in " +
    `ulogd's LOGEMU, with both devices${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const frames = randomFrames(9, 3000);
    const recorded = await record({ frames, ways: WHOLE, peer: "ulogd", family: "forward" });
    assertGreater(recorded.length, 300);
    compareWithHead(recorded, frames);
  },
});
