/**
 * Makes flows as fast as one core can, by a program in C.
 *
 * @module
 */

import { must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { endFlows } from "./flows.ts";

/** Flows that were made. */
export interface Made {
  /** Number of flows, each of which the kernel told an event of. */
  made: number;
  /** Number of flows that the kernel refused, because its table was full. */
  refused: number;
}

/** Program that makes flows. */
export interface FlowFlood extends AsyncDisposable {
  /** Makes flows for a time, other ones each time. */
  make(seconds: number): Promise<Made>;
  /** Ends all flows; returns once the kernel has told of each end. */
  end(): Promise<void>;
}

/** Receivers of the flows (RFC 2544). */
const NETWORK = "198.18.0.0/15";
/** Drops packets once they are tracked, where they would arrive. */
const SINK = `table ip sink {
  chain prerouting {
    type filter hook prerouting priority -300
    ip daddr ${NETWORK} drop
  }
}
`;

/**
 * Compiles the program, and routes its packets to where they are dropped. Flows end after a second,
 * so that the table has room.
 */
export async function flowFlood(): Promise<FlowFlood> {
  const folder = await temporaryFolder();
  const program = `${folder.path}/make_flows`;
  await must(["gcc", "-O2", "-o", program, `${ROOT}tests/kernel/make_flows.c`]);
  await must(["ip", "route", "add", "local", NETWORK, "dev", "lo"]);
  await must(["nft", "-f", "-"], SINK);
  await must(["sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=1"]);
  let next = 0;
  return {
    async make(seconds) {
      const said = await must([program, `${seconds}`, `${next}`]);
      const [made, refused] = said.split(" ").map(Number) as [number, number];
      // A burst may have begun.
      next += made + refused + 1000;
      return { made, refused };
    },
    async end() {
      await endFlows();
      // A flow counts until it is freed, which comes after its event; the kernel's worker that ends
      // flows whose time is over may be in the middle of some.
      await until(
        "all flows are gone",
        async () => (await must(["conntrack", "-C"])).trim() === "0",
      );
    },
    async [Symbol.asyncDispose]() {
      await must(["nft", "delete", "table", "ip", "sink"]);
      await must(["ip", "route", "del", "local", NETWORK, "dev", "lo"]);
      await must(["sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=30"]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
