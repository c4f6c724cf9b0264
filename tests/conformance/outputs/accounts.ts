/**
 * Outputs that accept flows only, for the conformance suites: they have no record for any packet.
 *
 * @module
 */

import type { OutputFixture } from "./fixture.ts";
import { flowFixtures } from "./flows.ts";

const NO_PACKETS = { shows: () => undefined, misfits: () => [] };

/** The NACCT output. */
export const nacct: OutputFixture = {
  ...NO_PACKETS,
  isText: true,
  variants: [{}],
  place: (folder) => ({ path: `${folder}/out` }),
  read: flowFixtures.nacct!.read,
  exceptions: () => ({
    "loss marks": "a line stands for a flow",
    unfit: "ulogd prints every flow",
    packets: "no capture file has flows",
  }),
};

/** The IPFIX output. */
export const ipfix: OutputFixture = {
  ...NO_PACKETS,
  variants: [{}],
  place: () => ({ url: "udp://127.0.0.1:4739" }),
  read: flowFixtures.ipfix!.read,
  server: "tests/system/ipfix_conformance_test.ts",
  exceptions: () => ({
    unfit: "there is a record for every flow",
    "loss marks": "sequence numbers tell what was lost on the way to the collector only",
    "torn end": "there is no file",
    reopen: "there is no file to move",
    "slow reader": "there is no pipe; slow receivers have their own tests",
    "full disk": "there is no file; the spool has its own tests",
    kill: "records that were sent may be sent again",
    packets: "no capture file has flows",
  }),
};
