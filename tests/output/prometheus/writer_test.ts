import { assertEquals, assertStringIncludes } from "@std/assert";
import { metricsText } from "../../../src/daemon/telemetry/metrics.ts";
import { lineOf, parseLine } from "../../../src/output/prometheus/line.ts";
import { PrometheusWriter } from "../../../src/output/prometheus/writer.ts";

const bytesOf = (...lines: string[]) => new TextEncoder().encode(lines.join(""));
const addition = (name: string, packets: number, seconds = 1) => ({
  ...{ seconds, packets, bytes: packets * 10 },
  labels: { source: "accounting", object: "nfacct", name },
});
const line = (...of: Parameters<typeof addition>) => lineOf(addition(...of));

/** Returns packets by name. */
function packetsOf(writer: PrometheusWriter): Record<string, number> {
  const [packets] = writer.metrics;
  return Object.fromEntries(packets!.samples.map(({ labels, value }) => [labels.name, value]));
}

Deno.test("A line comes back as it was; others are none", () => {
  assertEquals(parseLine(line("web", 3).trimEnd()), addition("web", 3));
  for (
    const wrong of [
      "",
      "1\t2\t3",
      "1\t-2\t3\ta\tb\tc\td\te\tf",
      "1\t2.5\t3\ta\tb\tc\td\te\tf",
      "1\tx\t3\ta\tb\tc\td\te\tf",
      `1\t2\t3\ta\tb\tc\td\te\t${"x".repeat(3000)}`,
      "1\t2\t3\ta\tb\tc\td\te\tf\tg",
    ]
  ) assertEquals(parseLine(wrong), undefined, wrong);
});

Deno.test("Counters are added up, and shown with their labels", () => {
  const writer = new PrometheusWriter(10);
  writer.write(bytesOf(line("web", 3), line('e"vil\\', 1)));
  writer.write(bytesOf(line("web", 4)));
  writer.write(bytesOf("not a line\n"));
  assertEquals(packetsOf(writer), { web: 7, 'e"vil\\': 1 });
  const text = metricsText(
    { sources: {}, filter: { passed: 0, dropped: 0, failed: 0, timedOut: 0 }, outputs: {} },
    { version: "1", startSeconds: 0, residentBytes: 0, isReloadRefused: false },
    writer.metrics,
  );
  const labels = 'source="accounting",object="nfacct"';
  assertStringIncludes(text, "# TYPE nfscribe_accounting_bytes_total counter\n");
  assertStringIncludes(text, `nfscribe_accounting_packets_total{${labels},name="web"} 7\n`);
  assertStringIncludes(text, `nfscribe_accounting_bytes_total{${labels},name="e\\"vil\\\\"} 10\n`);
});

Deno.test("There are as many objects as were asked for; those that vanished make room", () => {
  const writer = new PrometheusWriter(2);
  writer.write(bytesOf(line("a", 1, 1), line("b", 1, 1), line("c", 1, 1)));
  assertEquals([packetsOf(writer), writer.figures()], [
    { a: 1, b: 1 },
    { objects: 2, omitted: 1 },
  ]);
  // At the next reading "a" has gone.
  writer.write(bytesOf(line("b", 1, 2), line("c", 5, 2)));
  assertEquals(packetsOf(writer), { b: 2, c: 5 });
});
