import { assertEquals } from "@std/assert";
import type { OutputStats } from "../../src/output/output.ts";
import { metricsText } from "../../src/daemon/telemetry/metrics.ts";
import { hasProgram, run } from "./process.ts";

const HAS_PROMTOOL = hasProgram("promtool");

Deno.test({
  name: `Prometheus finds nothing to say about the metrics${
    HAS_PROMTOOL ? "" : " (needs promtool, of Debian's package prometheus)"
  }`,
  ignore: !HAS_PROMTOOL,
  fn: async () => {
    const row = { written: 7, bytes: 700, failed: 0, dropped: 1, spooled: 2, filtered: 3 };
    const further = { emitted: 4, batches: 1, lag_ms: 5, spool_bytes: 6, retries: 3 };
    const output: OutputStats = { ...row, ...further };
    const received = { received: 10, lost: 0, malformed: 1, foreign: 2 };
    const text = metricsText(
      {
        sources: { "nflog:1": received, 'a "name" \\ of\ntwo lines': received },
        filter: { passed: 8, dropped: 1, failed: 0, timedOut: 0 },
        outputs: { pcap: output, "øl": output },
      },
      { version: "0.1.0", startSeconds: 1.7e9, residentBytes: 1e8, isReloadRefused: false },
    );
    const { code, stdout, stderr } = await run(["promtool", "check", "metrics"], text);
    assertEquals([code, stdout, stderr], [0, "", ""]);
  },
});
