/**
 * Outputs that take counters only, for the conformance suites: what these ask of packets does not
 * apply. `counter_encoders_test.ts` holds the encoders of counters to the same.
 *
 * @module
 */

import type { OutputFixture } from "./fixture.ts";

/** Returns the fixture of an output without packets, which tests of its own hold to its promises. */
function withoutPackets(table: Record<string, unknown>, tests: string): OutputFixture {
  return {
    variants: [],
    place: () => table,
    read: () => [],
    shows: () => undefined,
    server: tests,
    misfits: () => [],
    exceptions: () => ({}),
  };
}

/** The Graphite output. */
export const graphite: OutputFixture = withoutPackets(
  { url: "tcp://127.0.0.1:2003" },
  "tests/kernel/counters_test.ts",
);

/** The Prometheus output. */
export const prometheus: OutputFixture = withoutPackets(
  {},
  "tests/output/prometheus/writer_test.ts",
);
