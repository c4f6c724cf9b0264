/** The Prometheus output: counts of accounting objects at /metrics. */

import { ok } from "../../finding.ts";
import { defineOutput } from "../define.ts";
import { prometheusEntries } from "./options.ts";

/** The Prometheus output. */
export default defineOutput({
  type: "prometheus",
  kinds: ["counter"],
  entries: prometheusEntries,
  buffering: "queue",
  needsMetrics: true,
  shorthand: { help: "show counters at /metrics of [stats]" },
  init: {
    purpose: "counters of nfacct and nftables at /metrics",
    value: "",
    isOffered: false,
    lines: `# objects_max = 1000           # objects that have metrics
`,
  },
  complete: (options) => options,
  unopened: (options) => options,
  permissions: () => [],
  examine: (_options, { check }) => Promise.resolve(ok(check, "is shown at /metrics")),
  sandboxOptions: () => ({}),
  async open({ objectsMax }) {
    const { PrometheusWriter } = await import("./writer.ts");
    return new PrometheusWriter(objectsMax);
  },
});
