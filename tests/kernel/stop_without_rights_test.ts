import { assertEquals } from "@std/assert";
import { canRun, deno, must, ROOT } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";

/** Whether this is root that can change to any user. */
const HAS_ALL_USERS = canRun("sh", "-c", 'grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map');

Deno.test(
  "a capture without rights ends with the packets logged until then (needs root and nft)",
  { ignore: !HAS_NFT || !HAS_ALL_USERS },
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 705"]]);
    const program = `${ROOT}tests/kernel/stop_without_rights.ts`;
    const said = await must(deno("--allow-ffi", program));
    // The kernel kept them until the queue's timeout; the next one is not received.
    assertEquals(JSON.parse(said), { atOnce: 0, received: 3, lost: 0 });
  },
);
