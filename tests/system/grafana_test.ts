import { assert, assertEquals } from "@std/assert";
import type { OutputStats } from "../../src/output/output.ts";
import { metricsText } from "../../src/daemon/telemetry/metrics.ts";
import { panelsOf, replaced } from "../databases/grafana.ts";
import { hasProgram, run, temporaryFolder } from "./process.ts";

/** Returns the dashboard's queries, with the panel's title. */
async function queries(): Promise<{ title: string; expr: string }[]> {
  const panels = await panelsOf("prometheus");
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expr: replaced(expr!, [
        [/\$instance/g, ".+"],
        [/\$__rate_interval/g, "4m"],
        [/\$__range/g, "10m"],
      ]),
    }))
  );
}

Deno.test("Grafana's dashboard of Prometheus names metrics that there are", async () => {
  const row = { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0, filtered: 0, emitted: 0 };
  const output: OutputStats = { ...row, ...{ lag_ms: 0, spool_bytes: 0 } };
  const source = { received: 0, lost: 0, malformed: 0, foreign: 0 };
  const text = metricsText(
    {
      sources: { "nflog:1": source },
      filter: { passed: 0, dropped: 0, failed: 0, timedOut: 0 },
      outputs: { postgres: output },
    },
    { version: "", startSeconds: 0, residentBytes: 0, isReloadRefused: false },
  );
  const known = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!);
  const all = await queries();
  assert(all.length > 0);
  for (const { title, expr } of all) {
    const names = expr.match(/nfscribe_\w+/g) ?? [];
    assert(names.length > 0, title);
    assertEquals(names.filter((name) => !known.includes(name)), [], title);
  }
});

const SOURCE = 'instance="gate", source="nflog:1"';
const OUTPUT = 'instance="gate", output="postgres"';
const INSTANCE = 'instance="gate"';

/** Series, with how much they grow a minute, or their value. */
const COUNTERS: readonly [name: string, labels: string, perMinute: number][] = [
  ["source_received_packets_total", SOURCE, 6000],
  ["source_lost_packets_total", SOURCE, 60],
  ["filter_passed_packets_total", INSTANCE, 600],
  ["filter_dropped_packets_total", INSTANCE, 1200],
  ["filter_failed_packets_total", INSTANCE, 1800],
  ["filter_timed_out_packets_total", INSTANCE, 2400],
  ["output_written_packets_total", OUTPUT, 4200],
  ["output_dropped_packets_total", OUTPUT, 120],
  ["output_failed_packets_total", OUTPUT, 180],
];
const GAUGES: readonly [name: string, labels: string, value: number][] = [
  ["output_spooled_packets", OUTPUT, 7],
  ["output_lag_seconds", OUTPUT, 2],
  ["resident_memory_bytes", INSTANCE, 1000],
  ["reload_refused", INSTANCE, 1],
];

/** Results of each panel's queries. */
const EXPECTED: Readonly<Record<string, readonly [labels: string, value: number][]>> = {
  "Received packets": [[SOURCE, 100]],
  "Losses": [[SOURCE, 1]],
  "Filter": [[INSTANCE, 10], [INSTANCE, 20], [INSTANCE, 30], [INSTANCE, 40]],
  "Written packets": [[OUTPUT, 70]],
  "Drops": [[OUTPUT, 2], [OUTPUT, 3]],
  "Waiting packets": [[OUTPUT, 7]],
  "Age of the oldest waiting packet": [[OUTPUT, 2]],
  "Resident memory": [[`__name__="nfscribe_resident_memory_bytes", ${INSTANCE}`, 1000]],
  // In ten minutes.
  "Lost packets in this time": [["", 600 + 1200]],
  "Refused reloads": [["", 1]],
};

const HAS_PROMTOOL = hasProgram("promtool");

Deno.test({
  name: `Grafana's dashboard of Prometheus is right for known metrics${
    HAS_PROMTOOL ? "" : " (needs promtool, of Debian's package prometheus)"
  }`,
  ignore: !HAS_PROMTOOL,
  async fn() {
    const all = await queries();
    assertEquals([...new Set(all.map(({ title }) => title))], Object.keys(EXPECTED));
    const left = new Map(Object.entries(EXPECTED).map(([title, values]) => [title, [...values]]));
    const tests = all.map(({ title, expr }) => {
      const [labels, value] = left.get(title)!.shift()!;
      return { expr, eval_time: "30m", exp_samples: [{ labels: `{${labels}}`, value }] };
    });
    assertEquals([...left.values()].flat(), []);
    const series = [
      ...COUNTERS.map(([name, labels, more]) => [name, labels, `0+${more}x40`]),
      ...GAUGES.map(([name, labels, value]) => [name, labels, `${value}x40`]),
    ].map(([name, labels, values]) => ({ series: `nfscribe_${name}{${labels}}`, values }));
    await using folder = await temporaryFolder();
    const file = `${folder.path}/tests.yml`;
    // JSON is YAML, too.
    const suite = { interval: "1m", input_series: series, promql_expr_test: tests };
    await Deno.writeTextFile(file, JSON.stringify({ evaluation_interval: "1m", tests: [suite] }));
    const { code, stdout, stderr } = await run(["promtool", "test", "rules", file]);
    assertEquals([code, stderr], [0, ""], stdout);
  },
});
