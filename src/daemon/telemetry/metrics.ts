/**
 * Formats the counters for Prometheus (prometheus.io, "Exposition formats", text, version 0.0.4).
 * Pure.
 */

import type { MetricFamily } from "../../output/output.ts";
import type { HostStats } from "../../record/counters.ts";
import type { Counters } from "./ledger.ts";

/** Content type. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Figures of the process. */
export interface ProcessFigures {
  /** nfscribe's version. */
  version: string;
  /** Start time, in seconds since the Unix epoch. */
  startSeconds: number;
  /** Resident memory, in bytes. */
  residentBytes: number;
  /** Whether the last reload was refused. */
  isReloadRefused: boolean;
}

/** Name, type and help of a metric. */
interface Metric {
  name: string;
  type: "counter" | "gauge";
  help: string;
}

const SOURCE: Readonly<Record<string, Metric>> = {
  received: counter(
    "source_received_packets_total",
    "Packets that arrived, malformed ones included.",
  ),
  lost: counter("source_lost_packets_total", "Packets that the kernel dropped."),
  malformed: counter("source_malformed_packets_total", "Malformed packets."),
  foreign: counter(
    "source_foreign_datagrams_total",
    "Datagrams that did not come from the kernel.",
  ),
};

const FILTER: Readonly<Record<string, Metric>> = {
  passed: counter("filter_passed_packets_total", "Packets sent to an output."),
  dropped: counter("filter_dropped_packets_total", "Packets sent to no output."),
  failed: counter("filter_failed_packets_total", "Packets on which the filter threw."),
  timedOut: counter(
    "filter_timed_out_packets_total",
    "Packets that exceeded the time limit of the filter.",
  ),
};

const OUTPUT: Readonly<Record<string, Metric>> = {
  written: counter("output_written_packets_total", "Packets that were written."),
  bytes: counter("output_written_bytes_total", "Bytes that were written."),
  failed: counter("output_failed_packets_total", "Packets that could not be written."),
  dropped: counter(
    "output_dropped_packets_total",
    "Packets dropped because the output was behind.",
  ),
  spooled: gauge("output_spooled_packets", "Queued packets, in memory or on disk."),
  filtered: counter("output_filtered_packets_total", "Packets that the filter sent elsewhere."),
  emitted: counter("output_emitted_lines_total", "Lines emitted by the filter script."),
};

const HOST: Readonly<Record<string, Metric>> = {
  logged: counter("host_logged_records_total", "Records that the host's firewall logged."),
  lost: counter("host_lost_records_total", "Records that the host's kernel lost."),
  sent: counter("host_sent_records_total", "Records that the host delivered."),
  received: counter("host_received_records_total", "Records of the host that arrived here."),
  repeated: counter("host_repeated_records_total", "Records of the host that arrived again."),
  missing: counter(
    "host_missing_records_total",
    "Records that the host sent and that did not arrive here.",
  ),
  lastSeenMs: gauge("host_last_seen_seconds", "Time of the host's last message."),
};
/** Hosts with metrics of their own; those of further ones are added up, so that series are bounded. */
const HOSTS_MAX = 1000;
/** Label of further hosts. */
const FURTHER = "(further hosts)";

/** Hosts that send their records. */
export interface Fleet {
  /** Their counters, by name. */
  hosts: Readonly<Record<string, HostStats>>;
  /** Number of those that are silent. */
  silent: number;
}

/** Figures of outputs that can decrease. */
const GAUGES: readonly string[] = ["lag_ms", "spool_bytes", "objects"];
/** Suffix of figures in milliseconds, which Prometheus wants in seconds. */
const MILLISECONDS = /(_ms|Ms)$/;

/**
 * Formats the counters.
 *
 * @param ofOutputs Metrics of outputs.
 * @param fleet Hosts that send their records; absent where this host logs them.
 *
 * @example
 * ```ts
 * import { metricsText } from "./metrics.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const received = { received: 5, lost: 0, malformed: 0, foreign: 0 };
 * const filter = { passed: 5, dropped: 0, failed: 0, timedOut: 0 };
 * const text = metricsText(
 *   { sources: { "nflog:1": received }, filter, outputs: {} },
 *   { version: "0.1.0", startSeconds: 0, residentBytes: 0, isReloadRefused: false },
 * );
 * assertStringIncludes(text, 'nfscribe_source_received_packets_total{source="nflog:1"} 5\n');
 * ```
 */
export function metricsText(
  counters: Counters,
  figures: ProcessFigures,
  ofOutputs: readonly MetricFamily[] = [],
  fleet?: Fleet,
): string {
  const families = new Map<string, { metric: Metric; lines: string[] }>();
  const add = (metric: Metric, labels: Readonly<Record<string, string>>, value: number) => {
    const family = families.get(metric.name) ?? { metric, lines: [] };
    families.set(metric.name, family);
    family.lines.push(`${metric.name}${labelText(labels)} ${value}`);
  };
  for (const [source, stats] of Object.entries(counters.sources)) {
    for (const [name, metric] of Object.entries(SOURCE)) {
      add(metric, { source }, stats[name as keyof typeof stats]);
    }
  }
  for (const [name, metric] of Object.entries(FILTER)) {
    add(metric, {}, counters.filter[name as keyof typeof counters.filter]);
  }
  for (const [output, stats] of Object.entries(counters.outputs)) {
    for (const [name, value] of Object.entries(stats)) {
      const scaled = MILLISECONDS.test(name) ? value / 1000 : value;
      add(OUTPUT[name] ?? furtherMetric(name), { output }, scaled);
    }
  }
  add(gauge("build_info", "Version of nfscribe."), { version: figures.version }, 1);
  add(
    gauge("start_time_seconds", "Start time, since the Unix epoch."),
    {},
    figures.startSeconds,
  );
  add(gauge("resident_memory_bytes", "Resident memory."), {}, figures.residentBytes);
  add(
    gauge("reload_refused", "Whether the last reload was refused: 1, or 0."),
    {},
    Number(figures.isReloadRefused),
  );
  for (const [host, stats] of shownHosts(fleet?.hosts ?? {})) {
    for (const [name, metric] of Object.entries(HOST)) {
      const value = stats[name as keyof HostStats] ?? 0;
      add(metric, { host }, MILLISECONDS.test(name) ? value / 1000 : value);
    }
  }
  if (fleet !== undefined) {
    add(gauge("hosts", "Hosts that have sent."), {}, Object.keys(fleet.hosts).length);
    add(gauge("silent_hosts", "Hosts that are silent."), {}, fleet.silent);
  }
  for (const { name, help, samples } of ofOutputs) {
    const metric = counter(name, help);
    for (const { labels, value } of samples) add(metric, labels, value);
  }
  return [...families.values()].map(({ metric: { name, type, help }, lines }) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`
  ).join("");
}

/** Returns the hosts with metrics of their own, and the sum of further ones. */
function shownHosts(hosts: Fleet["hosts"]): [name: string, stats: HostStats][] {
  const all = Object.entries(hosts);
  const further = all.slice(HOSTS_MAX);
  if (further.length === 0) return all;
  const [[, first]] = further as [[string, HostStats]];
  const sum = further.slice(1).reduce((sum, [, stats]) => {
    const figures = Object.entries(stats).map(([name, value]) => {
      const before = sum[name as keyof HostStats] ?? 0;
      return [name, name === "lastSeenMs" ? Math.max(before, value) : before + value];
    });
    return Object.fromEntries(figures) as HostStats;
  }, first);
  return [...all.slice(0, HOSTS_MAX), [FURTHER, sum]];
}

function counter(name: string, help: string): Metric {
  return { name: `nfscribe_${name}`, type: "counter", help };
}

function gauge(name: string, help: string): Metric {
  return { name: `nfscribe_${name}`, type: "gauge", help };
}

function furtherMetric(name: string): Metric {
  const help = `The figure ${name} of an output.`;
  return GAUGES.includes(name)
    ? gauge(`output_${name.replace(MILLISECONDS, "_seconds")}`, help)
    : counter(`output_${name}_total`, help);
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
