import { assertEquals, assertGreater } from "@std/assert";
import { LOG_OPTIONS, type LogOption } from "../../src/output/lines/options.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { compareBehindHead } from "./compare.ts";
import { chainFrames, cornerFrames } from "./corner_packets.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { HAS_KERNEL_LOG } from "./kernel_log.ts";
import { randomFrames } from "./random_packets.ts";
import { record, type Way } from "./record.ts";
import { HAS_TCPREPLAY } from "./replay.ts";

const HAS_ALL = HAS_KERNEL_LOG && HAS_NFT && HAS_TCPREPLAY;
const NEEDS = HAS_ALL ? "" : " (needs tcpreplay, and root to read the kernel log)";

/** Prefixes as users write them, and odd ones. */
const PREFIXES = [undefined, " ", "drop: ", "no-space", "é\tü", "x".repeat(127)];
const WAYS: readonly Way[] = PREFIXES.map((prefix) => prefix === undefined ? {} : { prefix });

async function compare(
  frames: readonly Frame[],
  logOptions: readonly LogOption[] = [],
): Promise<void> {
  compareBehindHead(await record({ frames, ways: WAYS, peer: "kernel", logOptions }), frames);
}

Deno.test({
  name: "every packet of the captures is the same line in nfscribe and in the kernel's LOG" +
    NEEDS + (HAS_CAPTURES ? "" : " (needs ../shared/pcaps)"),
  ignore: !HAS_ALL || !HAS_CAPTURES,
  fn: async () => compare(await captureFrames()),
});

Deno.test({
  name: `every header that ends early is the same line in nfscribe and in the kernel's LOG${NEEDS}`,
  ignore: !HAS_ALL,
  fn: () => compare(cornerFrames()),
});

for (const logOptions of [...LOG_OPTIONS.map((option) => [option]), LOG_OPTIONS]) {
  Deno.test({
    name: `with ${logOptions.join(" and ")} random packets, and headers that end early, are the ` +
      `same lines in nfscribe and in the kernel's LOG${NEEDS}`,
    ignore: !HAS_ALL,
    async fn() {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
      console.log(`seed ${seed}`);
      await compare([...randomFrames(seed, 2000), ...cornerFrames()], logOptions);
    },
  });
}

Deno.test({
  name: `lines that the kernel cuts are cut in the same place in nfscribe${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await compare(chainFrames(), []);
    await compare(chainFrames(), LOG_OPTIONS);
  },
});

for (const seed of [1, 2, undefined]) {
  Deno.test({
    name: `every random packet of seed ${seed ?? "as printed"} is the same line in nfscribe and ` +
      `in the kernel's LOG${NEEDS}`,
    ignore: !HAS_ALL,
    async fn() {
      const chosen = seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
      if (seed === undefined) console.log(`seed ${chosen}`);
      await compare(randomFrames(chosen, 3000));
    },
  });
}

Deno.test({
  name:
    "the packets of local users, out and in by loopback, are the same lines in nfscribe and in " +
    `the kernel's LOG${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    for (const logOptions of [[], LOG_OPTIONS]) {
      const family = "loopback";
      const recorded = await record({ frames: [], ways: WAYS, peer: "kernel", family, logOptions });
      assertGreater(recorded.filter(({ packet }) => packet.uid === 1234).length, 0);
      compareBehindHead(recorded, []);
      const withUser = recorded.filter(({ ours }) => ours.includes(" UID=1234 GID=5678 "));
      assertEquals(withUser.length > 0, logOptions.length > 0);
    }
  },
});

Deno.test({
  name: "every packet that is forwarded is the same line in nfscribe and in " +
    `the kernel's LOG, with both devices${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const frames = randomFrames(9, 3000);
    const family = "forward";
    const logOptions = LOG_OPTIONS;
    const recorded = await record({ frames, ways: WAYS, peer: "kernel", family, logOptions });
    assertGreater(recorded.length, 300);
    compareBehindHead(recorded, frames);
  },
});
