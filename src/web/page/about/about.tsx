/// <reference lib="dom" />
/** The page of an address: what it sends and what it is sent. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Chart as Counts, Page, StoredKind, Top, TopKey } from "../api/types.ts";
import { type Query, useQuery } from "../api/use_query.ts";
import { stepFor } from "../chart/buckets.ts";
import { Chart } from "../chart/chart.tsx";
import { Icon } from "../controls/icon.tsx";
import { useCommand } from "../keys/commands.ts";
import { addressTerm, withTerm } from "../search/terms.ts";
import type { View } from "../state/address.ts";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";
import { show } from "../state/view.ts";
import { bytes, moment, plural } from "../text/format.ts";
import { presentMs } from "../time/clock.ts";
import { fixedRange, timesOf } from "../time/range.ts";
import { TopLists } from "../top/lists.tsx";
import { bothWays, firstBucket, isEmpty } from "./ways.ts";

/** Properties of the page. */
export interface AboutProperties {
  address: string;
  view: View;
  kind: StoredKind;
  theme: string;
}

/** Values of a list. */
const TOP_ENTRIES = 10;

/** Shows the page of an address, in the range of the view. */
export function About({ address, view, kind, theme }: AboutProperties): JSX.Element {
  const { from, to, measure } = view;
  const { zone = "local" } = useCell(settings);
  const [width, setWidth] = useState(1000);
  const { times, step } = useMemo(() => {
    const times = timesOf({ from, to }, presentMs());
    return { times, step: stepFor(times, width) };
  }, [from, to, width]);
  const span = { from: times.fromMs, to: times.toMs };
  const [sends, receives, either] = (["src", "dst", ""] as const)
    .map((side) => addressTerm(side, address));
  const useCounts = (where: string | undefined) =>
    useQuery<Counts>("/api/chart", { kind, where, ...span, step, by: "protocol" });
  const [sent, received] = [useCounts(sends), useCounts(receives)];
  const useLists = (where: string | undefined, keys: readonly TopKey[]) =>
    useQuery<Top>("/api/top", { kind, where, ...span, by: keys.join(","), limit: TOP_ENTRIES });
  const more: readonly TopKey[] = kind === "packet"
    ? ["destinationPort", "prefix"]
    : ["destinationPort"];
  const sentKeys = ["destination", ...more] as const;
  const receivedKeys = ["source", ...more] as const;
  const [topSent, topReceived] = [useLists(sends, sentKeys), useLists(receives, receivedKeys)];
  const chart: Query<Counts> = {
    ...sent,
    data: useMemo(() => bothWays(sent.data, received.data), [sent.data, received.data]),
    error: sent.error ?? received.error,
    isLoading: sent.isLoading || received.isLoading,
  };
  const last = useQuery<Page>("/api/records", { kind, where: either, ...span, limit: 1 });
  const lastRow = last.data?.rows[0];
  const firstMs = useFirst(kind, either!, chart.data);
  const search = (where: string) => show({ where, about: undefined });
  useCommand("close", () => show({ about: undefined }));
  const onTerm = (base: string) => (term: string, isExcluded: boolean) =>
    search(withTerm(base, term, isExcluded));
  const onAbout = (about: string) => show({ about });
  const unit = kind === "packet" ? "packet" : "flow";
  return (
    <div class="about">
      <div class="about-head">
        <button
          type="button"
          class="button"
          title="Back to the table (Esc)"
          onClick={() => show({ about: undefined })}
        >
          <Icon name="left" /> {kind === "packet" ? "Packets" : "Flows"}
        </button>
        <h2>{address}</h2>
        <button type="button" class="button" onClick={() => search(either!)}>
          <Icon name="search" /> All of its {unit}s
        </button>
      </div>
      <dl class="about-facts">
        <Fact name="Sent" query={sent}>
          {sent.data && totalOf(sent.data, unit)}
        </Fact>
        <Fact name="Received" query={received}>
          {received.data && totalOf(received.data, unit)}
        </Fact>
        <Fact name="First seen in this range" query={chart}>
          {firstMs === undefined ? "–" : moment(firstMs, zone)}
        </Fact>
        <Fact name="Last seen" query={last}>
          {lastRow === undefined ? "–" : moment(Date.parse(lastRow.time), zone)}
        </Fact>
      </dl>
      <Chart
        {...{ kind, measure, zone, theme, times }}
        by="way"
        query={chart}
        losses={[]}
        onRange={(times) => show(fixedRange(times))}
        onValue={(way) => search(way === "sent" ? sends! : receives!)}
        onWidth={setWidth}
      />
      <div class="about-ways">
        <section>
          <h3>Sends to</h3>
          <TopLists
            keys={sentKeys}
            query={topSent}
            titles={{ destination: "Peers", destinationPort: "Ports" }}
            {...{ measure, zone, onAbout }}
            onTerm={onTerm(sends!)}
          />
        </section>
        <section>
          <h3>Receives from</h3>
          <TopLists
            keys={receivedKeys}
            query={topReceived}
            titles={{ source: "Peers", destinationPort: "Ports" }}
            {...{ measure, zone, onAbout }}
            onTerm={onTerm(receives!)}
          />
        </section>
      </div>
    </div>
  );
}

function Fact(
  { name, query, children }: {
    name: string;
    query: Query<unknown>;
    children: JSX.Element | string | undefined;
  },
): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{query.error === undefined ? query.data === undefined ? "…" : children : "unknown"}</dd>
    </div>
  );
}

function totalOf(chart: Counts, unit: string): JSX.Element {
  const sum = (series: number[][]) => series.flat().reduce((all, value) => all + value, 0);
  return (
    <>
      {plural(sum(chart.packets), unit)} <small>{bytes(sum(chart.bytes))}</small>
    </>
  );
}

/** Finds the time of the first record: by the chart, and then by the rows of its first bucket. */
function useFirst(kind: StoredKind, where: string, chart: Counts | undefined): number | undefined {
  const bucket = chart && firstBucket(chart);
  const within = useQuery<Counts>(bucket === undefined ? undefined : "/api/chart", {
    ...{ kind, where, by: "protocol" },
    from: bucket?.fromMs,
    to: bucket?.toMs,
    step: Math.max(1000, Math.ceil(((bucket?.toMs ?? 0) - (bucket?.fromMs ?? 0)) / 60_000) * 1000),
  });
  if (chart === undefined || isEmpty(chart)) return undefined;
  return within.data && firstBucket(within.data)?.fromMs || bucket?.fromMs;
}
