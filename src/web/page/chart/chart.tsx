/// <reference lib="dom" />
/** The time chart of what is found, with its legend. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { escaped } from "../../../text/escape.ts";
import type { Chart as Counts, StoredKind, StoredLoss } from "../api/types.ts";
import type { Query } from "../api/use_query.ts";
import { Notice } from "../controls/notice.tsx";
import type { Stack } from "../state/address.ts";
import { bytes, count, duration, moment, plural, type Zone } from "../text/format.ts";
import { colourClass } from "../text/keys.ts";
import { protocolText } from "../text/protocols.ts";
import type { Times } from "../time/range.ts";
import { totals } from "./buckets.ts";
import { Plot } from "./plot.tsx";

/** Properties of the chart. */
export interface ChartProperties {
  kind: StoredKind;
  query: Query<Counts>;
  times: Times;
  /** Key of the stacks: one of records, or the way of an address's. */
  by: Stack | "way";
  measure: "packets" | "bytes";
  zone: Zone;
  losses: readonly StoredLoss[];
  theme: string;
  onRange(times: Times): void;
  /** Adds a value of the key to the search, or excludes it. */
  onValue(value: string, isExcluded: boolean): void;
  /** Takes the width in pixels, which decides on the width of buckets. */
  onWidth(pixels: number): void;
}

/** Shows the chart. */
export function Chart(properties: ChartProperties): JSX.Element {
  const { kind, query, times, by, measure, zone, losses, theme, onRange, onWidth } = properties;
  const [bucket, setBucket] = useState<number>();
  const box = useRef<HTMLElement>(null);
  const chart = useMemo(() => query.data && named(query.data, by), [query.data, by]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => onWidth(entry!.contentRect.width));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const unit = kind === "packet" ? "packet" : "flow";
  const write = measure === "bytes" ? bytes : (value: number) => plural(value, unit);
  const colours = useMemo(
    // In the order of names, so that they do not depend on what is frequent now.
    () => {
      for (const key of [...chart?.keys ?? []].sort()) colourClass(by, key);
      return (chart?.keys ?? []).map((key) => colourClass(by, key));
    },
    [chart, by],
  );
  const sums = useMemo(() => chart === undefined ? [] : totals(chart, measure), [chart, measure]);
  const all = sums.reduce((sum, value) => sum + value, 0);
  const shown =
    bucket !== undefined && chart !== undefined && bucket < (chart.packets[0]?.length ?? 0)
      ? bucket
      : undefined;
  const summary = `${write(all)} from ${moment(times.fromMs, zone)} to ${moment(times.toMs, zone)}`;
  return (
    <section class="chart" aria-label="Time chart" ref={box}>
      <div class="chart-legend">
        <span class="chart-total">
          {chart === undefined
            ? ""
            : shown === undefined
            ? `${chart.isExact ? "" : "about "}${write(all)}`
            : `${write(sumAt(chart, measure, shown))} in ${duration(chart.stepMs)} from ${
              moment(chart.startMs + shown * chart.stepMs, zone).slice(
                chart.stepMs < 86_400_000 ? 11 : 0,
              )
            }`}
        </span>
        <ul>
          {(chart?.keys ?? []).map((key, place) => (
            <li key={key}>
              <button
                type="button"
                class={`chart-key ${colours[place]}`}
                title={`Search for it; Shift excludes it`}
                disabled={!isValue(key)}
                onClick={(event) => properties.onValue(key, event.shiftKey)}
              >
                <span class="chart-swatch" />
                <span class="chart-name">{key === "" ? `no ${by}` : escaped(key.trimEnd())}</span>
                <span class="chart-count">
                  {measure === "bytes"
                    ? bytes(shown === undefined ? sums[place]! : chart!.bytes[place]![shown]!)
                    : count(shown === undefined ? sums[place]! : chart!.packets[place]![shown]!)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div class="chart-plot">
        {chart !== undefined && (
          <Plot
            {...{ chart, measure, times, zone, colours, losses, theme, summary, onRange }}
            onBucket={setBucket}
          />
        )}
        {query.error !== undefined && query.error.place === undefined && (
          <Notice text={`The chart: ${query.error.message}`} onRetry={query.retry} />
        )}
        {chart !== undefined && !chart.isComplete && query.error === undefined && (
          <p class="chart-reach">
            Counted back to {moment(chart.reachedMs, zone)}: the search takes too long for all
          </p>
        )}
      </div>
    </section>
  );
}

/** Names the protocols of a chart, as rows do: some stores count them by number. */
function named(chart: Counts, by: ChartProperties["by"]): Counts {
  return by === "protocol" ? { ...chart, keys: chart.keys.map(protocolText) } : chart;
}

/** Returns whether a key of the chart is a value that can be searched for. */
function isValue(key: string): boolean {
  return key !== "" && key !== "other";
}

function sumAt(chart: Counts, measure: "packets" | "bytes", place: number): number {
  return chart[measure].reduce((sum, series) => sum + (series[place] ?? 0), 0);
}
