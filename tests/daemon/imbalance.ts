import type { Counters } from "../../src/daemon/telemetry/ledger.ts";

/**
 * Checks that each received packet is in one column of the filter's row, and of the row of each
 * output that was open all the time.
 *
 * @returns A line for each wrong row.
 */
export function imbalance({ sources, filter, outputs }: Counters): string[] {
  const total = (figures: number[]) => figures.reduce((sum, figure) => sum + figure, 0);
  const wellFormed = total(
    Object.values(sources).map(({ received, malformed }) => received - malformed),
  );
  const rows = [
    ["filter", total(Object.values(filter))] as const,
    ...Object.entries(outputs).map(([name, row]) =>
      [
        `output ${name}`,
        total([row.written, row.spooled, row.failed, row.dropped, row.filtered]),
      ] as const
    ),
  ];
  return rows.filter(([, sum]) => sum !== wellFormed).map(([name, sum]) =>
    `${name}: ${sum} packets, where ${wellFormed} were received`
  );
}
