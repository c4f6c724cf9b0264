import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isLoopback, parseAddress } from "../../src/config/address.ts";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { imbalance } from "./imbalance.ts";
import { LossReporter } from "../../src/daemon/telemetry/loss_reporter.ts";
import { metricsText } from "../../src/daemon/telemetry/metrics.ts";

const FIGURES = {
  version: "1.2.3",
  startSeconds: 1_700_000_000.5,
  residentBytes: 1024,
  isReloadRefused: true,
};

function counters({ lost = 0, dropped = 0, spooled = 0, name = "nflog:1" } = {}): Counters {
  const output = { written: 7, bytes: 700, failed: 1, dropped, spooled, filtered: 1, emitted: 0 };
  return {
    sources: { [name]: { received: 10, lost, malformed: 1, foreign: 2 } },
    filter: { passed: 8, dropped: 1, failed: 0, timedOut: 0 },
    outputs: { pcap: output, postgres: { ...output, lag_ms: 5, retries: 3 } as typeof output },
  };
}

Deno.test("Every line of the metrics is in Prometheus' format", () => {
  const text = metricsText(counters(), FIGURES);
  const label = String.raw`[a-z]+="(?:[^"\\\n]|\\["\\n])*"`;
  const sample = new RegExp(`^(nfscribe_[a-z_]+)(?:\\{${label}(?:,${label})*\\})? -?[0-9.]+$`);
  const declared = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, name] = /^# (?:HELP|TYPE) (\S+) /.exec(line) ?? [];
    if (name !== undefined) declared.add(name);
    else assert(declared.has(sample.exec(line)?.[1] ?? ""), line);
  }
  assertMatch(text, /\n$/);
  assertEquals(text.match(/# TYPE nfscribe_output_written_packets_total/g)?.length, 1);
  assertStringIncludes(text, '_source_foreign_datagrams_total{source="nflog:1"} 2\n');
  assertStringIncludes(text, '_output_lag_seconds{output="postgres"} 0.005\n');
  assertStringIncludes(text, '_output_retries_total{output="postgres"} 3\n');
  assertStringIncludes(text, 'nfscribe_build_info{version="1.2.3"} 1\n');
  assertStringIncludes(text, "nfscribe_start_time_seconds 1700000000.5\n");
});

Deno.test("Labels of metrics are escaped", () => {
  const text = metricsText(counters({ name: 'a"} 1\nb\\' }), FIGURES);
  assertStringIncludes(text, String.raw`{source="a\"} 1\nb\\"} 10`);
});

Deno.test("A row whose sum is wrong is named", () => {
  assertEquals(imbalance(counters()), []);
  assertEquals(imbalance(counters({ dropped: 1 })), [
    "output pcap: 10 packets, where 9 were received",
    "output postgres: 10 packets, where 9 were received",
  ]);
});

Deno.test("A loss is logged immediately, then at most every ten seconds, with a remedy", () => {
  const reporter = new LossReporter();
  assertEquals(reporter.check(counters(), 0), []);
  const [first, ...more] = reporter.check(counters({ lost: 5, spooled: 1 }), 1000);
  assertEquals([first?.fields, more], [{ source: "nflog:1", lost: 5, in_total: 5 }, []]);
  assertStringIncludes(first!.message, "raise buffer_size or queue_threshold");
  assertStringIncludes(first!.message, "output pcap, postgres is behind");
  assertEquals(reporter.check(counters({ lost: 9 }), 10_999), []);
  const [second] = reporter.check(counters({ lost: 9 }), 11_000);
  assertEquals(second?.fields, { source: "nflog:1", lost: 4, in_total: 9 });
  assertStringIncludes(second!.message, "use a faster filter");
  assertEquals(reporter.check(counters({ lost: 9 }), 99_000), []);
  const dropped = reporter.check(counters({ lost: 9, dropped: 3 }), 99_000);
  assertEquals(dropped.map(({ fields }) => fields.output), ["pcap", "postgres"]);
});

Deno.test("A loss at other hosts is logged with their names, and what to do there", () => {
  const reporter = new LossReporter();
  const losers = new Map([["nflog:1", new Set(["web1", "a\x1b[2J"])]]);
  const check = (lost: number, nowMs: number) =>
    reporter.check(counters({ lost }), nowMs, undefined, losers);
  const [first] = check(5, 0);
  const fields = { source: "nflog:1", lost: 5, in_total: 5, hosts: "web1, a\\u001b[2J" };
  assertEquals(first!.fields, fields);
  assertStringIncludes(first!.message, "raise buffer_size or queue_threshold at the host");
  losers.get("nflog:1")!.add("web2");
  assertEquals(check(6, 20_000)[0]!.fields.hosts, "web2");
});

Deno.test("Addresses consist of host and port", () => {
  assertEquals(parseAddress("127.0.0.1:9477"), { hostname: "127.0.0.1", port: 9477 });
  assertEquals(parseAddress("[::1]:80"), { hostname: "::1", port: 80 });
  assertEquals(parseAddress("localhost:65535"), { hostname: "localhost", port: 65535 });
  for (const text of ["", "9477", ":9477", "::1:9477", "a:0", "a:65536", "a b:1", "http://a:1"]) {
    assertEquals([text, parseAddress(text)], [text, undefined]);
  }
  assertEquals(
    ["127.0.0.1:1", "[::1]:1", "localhost:1", "0.0.0.0:1", "gate:1", "127.evil.example:1"].map((
      text,
    ) => isLoopback(parseAddress(text)!)),
    [true, true, true, false, false, false],
  );
});

Deno.test("Hosts have metrics, and their number is bounded", () => {
  const host = {
    ...{ logged: 10, lost: 1, sent: 9, received: 9, repeated: 2, missing: 0 },
    ...{ lastSeenMs: 5500, stopped: 0 },
  };
  const hosts = Object.fromEntries(Array.from({ length: 1010 }, (_, n) => [`web${n}`, host]));
  const text = metricsText(counters(), FIGURES, [], { hosts, silent: 3 });
  assertStringIncludes(text, 'nfscribe_host_received_records_total{host="web0"} 9\n');
  assertStringIncludes(text, 'nfscribe_host_last_seen_seconds{host="web999"} 5.5\n');
  assertStringIncludes(text, 'nfscribe_host_sent_records_total{host="(further hosts)"} 90\n');
  assertStringIncludes(text, 'nfscribe_host_last_seen_seconds{host="(further hosts)"} 5.5\n');
  assertEquals(text.match(/^nfscribe_host_lost_records_total\{/gm)?.length, 1001);
  assertStringIncludes(text, "nfscribe_hosts 1010\n");
  assertStringIncludes(text, "nfscribe_silent_hosts 3\n");
});
