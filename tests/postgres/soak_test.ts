/**
 * A short form of `deno task soak`.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { HAS_NFT } from "../kernel/firewall.ts";
import { HAS_GCC } from "../soak/clock.ts";
import { soak } from "../soak/soak.ts";
import { noCluster } from "./cluster.ts";

const missing = await noCluster();

Deno.test(
  "nine outputs are exact through a reload, a takeover, a restarted server and a clock that jumps " +
    `(needs nft, PostgreSQL${missing === undefined ? "" : `: ${missing}`})`,
  { ignore: !HAS_NFT || missing !== undefined },
  async () => {
    const { signal } = new AbortController();
    const options = { rounds: 1, roundSeconds: 8, rate: 3000, signal };
    const { counters, arrived, events, rotated, wrong } = await soak(options);
    assertEquals(wrong, []);
    assertEquals(events, { reload: 1, takeover: 1, restart: 1, clock: HAS_GCC ? 1 : 0 });
    assertGreater(counters.sources["nflog:1"]!.received, 10_000);
    for (const count of Object.values(arrived)) {
      assertEquals(count, counters.sources["nflog:1"]!.received);
    }
    assertGreater(rotated, 0);
  },
);
