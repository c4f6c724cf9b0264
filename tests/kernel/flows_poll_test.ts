import { assertEquals, assertStringIncludes } from "@std/assert";
import { conntrack } from "nfscribe";
import { FlowMaker } from "../ffi/flow_maker.ts";
import { deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { endFlows, HAS_CONNTRACK, track } from "./flows.ts";
import { sendUdp } from "./traffic.ts";

const NEEDS = HAS_CONNTRACK ? "" : " (needs nft and conntrack)";

Deno.test({
  name:
    `flows that are asked for get one record once they are gone, with what was last known${NEEDS}`,
  ignore: !HAS_CONNTRACK,
  async fn() {
    await using _tracked = await track();
    // Events may be off.
    await must(["sysctl", "-qw", "net.netfilter.nf_conntrack_events=0"]);
    try {
      using maker = new FlowMaker();
      maker.make(300);
      sendUdp(5);
      await using flows = await conntrack({ pollSeconds: 1, interimSeconds: 1 });
      const ended = new Map<number | undefined, (number | undefined)[]>();
      let isEnded = false;
      for await (const { event, destinationPort, original, end } of flows) {
        if (event === "interim") {
          // All of them are known now.
          if (!isEnded) await endFlows();
          isEnded = true;
          continue;
        }
        assertEquals([event, end], ["inferred", undefined]);
        ended.set(destinationPort, [original.packets, original.bytes]);
        if (ended.size === 301) break;
      }
      assertEquals(ended.get(9), [5, 500]);
      assertEquals(ended.get(10_000), [1, 29]);
      assertEquals(flows.stats.lost, 0);
    } finally {
      await must(["sysctl", "-qw", "net.netfilter.nf_conntrack_events=2"]);
    }
  },
});

Deno.test("asking for flows takes rights for good", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `user = "nobody"\n[[source]]\ntype = "conntrack"\npoll_seconds = 10\n[output.json]\npath = "f.json"\n`,
  );
  const { code, stderr } = await run(deno("-A", `${ROOT}main.ts`, "check", "-c", file));
  assertEquals(code, 2);
  assertStringIncludes(stderr, "source[0].poll_seconds: takes CAP_NET_ADMIN as long as");
});
