/// <reference lib="dom" />
/** The view of packets or flows: chart, table, lists and drawer. */

import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Chart as Counts, StoredKind, StoredLoss, Top } from "../api/types.ts";
import { type Query, useQuery } from "../api/use_query.ts";
import { stepFor } from "../chart/buckets.ts";
import { Chart } from "../chart/chart.tsx";
import { Icon } from "../controls/icon.tsx";
import { Notice } from "../controls/notice.tsx";
import { Drawer } from "../drawer/drawer.tsx";
import { FLOW_COLUMNS } from "../flows/columns.tsx";
import { useCommand } from "../keys/commands.ts";
import { Nothing } from "../nothing/nothing.tsx";
import { PACKET_COLUMNS } from "../packets/columns.tsx";
import { nameTerm, protocolTerm, withTerm } from "../search/terms.ts";
import { type Stack, STACKS, type View } from "../state/address.ts";
import { useCell } from "../state/cell.ts";
import { keepTop } from "../state/known.ts";
import { serverState } from "../state/server.ts";
import { setSettings, settings } from "../state/settings.ts";
import { show } from "../state/view.ts";
import { shownColumns } from "../table/column_choice.tsx";
import { groupId, type Item, itemsOf } from "../table/items.ts";
import { Table } from "../table/table.tsx";
import { useRows } from "../table/use_rows.ts";
import { count } from "../text/format.ts";
import { colourClass, keyOf } from "../text/keys.ts";
import { presentMs } from "../time/clock.ts";
import { fixedRange, isLive, timesOf } from "../time/range.ts";
import { TOP_KEYS, TopLists } from "../top/lists.tsx";
import { Below } from "./below.tsx";
import { useWidth } from "./use_width.ts";
import { Toolbar } from "./toolbar.tsx";

/** Width of the page from which the lists stand beside the table, in pixels. */
const ROOM_FOR_TOP = 1200;
/** Values of a list. */
const TOP_ENTRIES = 8;
/** Time between two countings of a range that goes on, in milliseconds. */
const COUNT_AGAIN_MS = 2000;

/** Properties of the view. */
export interface RecordsProperties {
  view: View;
  kind: StoredKind;
  isPaused: boolean;
  /** Takes the refusal of the expression, for the search line. */
  onRefusal(refusal: Query<unknown>["error"]): void;
  /** Lets new rows in again. */
  onResume(): void;
  theme: string;
}

/** Shows the records that the view chooses. */
export function Records(
  { view, kind, isPaused, onRefusal, onResume, theme }: RecordsProperties,
): JSX.Element {
  const { where, from, to, measure, id } = view;
  const state = useCell(serverState);
  const kept = useCell(settings);
  const { zone = "local", isGrouped = true, hasChart = true } = kept;
  const by = view.by ??
    (state?.actions.length && kind === "packet" ? "action" : defaultStack(kind));
  const [isTop, setTop] = useState(true);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [width, setWidth] = useState(1000);
  const pageWidth = useWidth();
  const hasTop = pageWidth >= ROOM_FOR_TOP ? kept.hasTop ?? true : kept.hasTop ?? false;

  const isNow = isLive(view);
  const rows = useRows({ kind, where, from, to }, isPaused || !isTop);
  const counted = useCounts(view, kind, { by, width, isPaused, hasTop, hasChart });
  useEffect(() => counted.top.data && keepTop(counted.top.data), [counted.top.data]);
  const refusal = rows.error ?? counted.chart.error;
  useEffect(() => onRefusal(refusal?.place === undefined ? undefined : refusal), [refusal]);

  const losses = useMemo(
    () => kind === "packet" ? merged(counted.losses, rows.losses) : [],
    [kind, counted.losses, rows.losses],
  );
  const items = useMemo(
    () => itemsOf(rows.entries, losses, { isGrouped, expanded }),
    [rows.entries, losses, isGrouped, expanded],
  );
  const columns = kind === "packet" ? PACKET_COLUMNS : FLOW_COLUMNS;
  const shown = useMemo(() => shownColumns(kind, columns, kept), [kind, kept.columns]);
  const onTerm = (term: string, isExcluded: boolean) =>
    show({ where: withTerm(where, term, isExcluded), id: undefined });
  const onAbout = (about: string) => show({ about, id: undefined });
  const onValue = (value: string, isExcluded: boolean) => {
    const term = termOf(by, value);
    if (term !== undefined) onTerm(term, isExcluded);
  };
  const onRelease = () => {
    document.querySelector(".table")?.scrollTo({ top: 0 });
    onResume();
  };
  useCommand("top", () => setSettings({ hasTop: !hasTop }));
  useCommand("group", () => setSettings({ isGrouped: !isGrouped }));
  useCommand("stack", () => show({ by: STACKS[(STACKS.indexOf(by) + 1) % STACKS.length] }));
  useCommand("measure", () => show({ measure: measure === "bytes" ? "packets" : "bytes" }));
  const onClose = () => {
    show({ id: undefined });
    // Keys go on where the row is.
    document.querySelector<HTMLElement>(".table-grid")?.focus({ preventScroll: true });
  };
  useCommand("close", onClose);

  const isEmpty = state?.store?.kinds.find((one) => one.kind === kind)?.newestMs === undefined;
  if (
    state !== undefined && isEmpty && rows.entries.length === 0 && where === "" && !rows.isLoading
  ) {
    return <Nothing state={state} kind={kind} />;
  }
  return (
    <div
      class={`records ${id === undefined ? "" : "records-drawer"} ${hasTop ? "records-top" : ""}`}
    >
      {hasChart && (
        <Chart
          {...{ kind, by, measure, zone, losses, theme }}
          query={counted.chart}
          times={counted.times}
          onRange={(times) => show(fixedRange(times))}
          onValue={onValue}
          onWidth={setWidth}
        />
      )}
      <Toolbar
        {...{ kind, by, measure, columns, isGrouped, hasTop, hasChart, view }}
        shown={shown}
        rows={rows}
      />
      <div class="records-table">
        {isNow && rows.held > 0 && (
          <button type="button" class="button records-held" onClick={onRelease}>
            <Icon name="up" /> {count(rows.held)} new
          </button>
        )}
        {rows.isLoading && <div class="progress" role="progressbar" aria-label="Reading" />}
        {rows.error !== undefined && rows.error.place === undefined && (
          <Notice text={rows.error.message} onRetry={rows.retry} />
        )}
        <Table
          // Lines of each kind have a height of their own.
          key={kind}
          label={kind === "packet" ? "Packets" : "Flows"}
          columns={shown}
          mayFit={kept.columns?.[kind] === undefined}
          items={items}
          openId={id}
          colourOf={(item) => item.type === "row" ? colourClass(by, keyOf(item.row, by)) : ""}
          onMore={rows.more}
          onTop={setTop}
          onOpen={({ row }) => show({ id: row.rowId }, id === undefined)}
          onTerm={onTerm}
          onAbout={onAbout}
          onExpand={(item) => setExpanded(turned(expanded, groupId(item)))}
          onSkip={(item) => show(skippedRange(items, item))}
          end={<Below rows={rows} view={view} kind={kind} />}
        />
      </div>
      {hasTop && (
        <aside class="records-lists" aria-label="Most frequent values" tabIndex={0}>
          <TopLists
            keys={TOP_KEYS[kind]}
            query={counted.top}
            {...{ measure, zone, onTerm, onAbout }}
          />
        </aside>
      )}
      {id !== undefined && (
        <aside class="records-side" aria-label="Record">
          <Drawer {...{ kind, id, onTerm, onAbout }} onClose={onClose} />
        </aside>
      )}
    </div>
  );
}

/** Counts of a view, and when they were asked for. */
interface Counted {
  times: { fromMs: number; toMs: number };
  chart: Query<Counts>;
  top: Query<Top>;
  losses: readonly StoredLoss[];
}

/** Counts what a view chooses, again and again while its range goes on. */
function useCounts(
  { where, from, to }: View,
  kind: StoredKind,
  { by, width, isPaused, hasTop, hasChart }: {
    by: Stack;
    width: number;
    isPaused: boolean;
    hasTop: boolean;
    hasChart: boolean;
  },
): Counted {
  const range = { from, to };
  const [turn, setTurn] = useState(0);
  const isGoing = isLive(range) && !isPaused;
  const { times, step } = useMemo(() => {
    const present = timesOf(range, presentMs());
    return { times: present, step: stepFor(present, width) };
  }, [from, to, turn, width]);
  const span = { from: times.fromMs, to: times.toMs };
  const choice = { kind, where, ...span };
  const chart = useQuery<Counts>(hasChart ? "/api/chart" : undefined, { ...choice, step, by });
  const top = useQuery<Top>(hasTop ? "/api/top" : undefined, {
    ...choice,
    by: TOP_KEYS[kind].join(","),
    limit: TOP_ENTRIES,
  });
  const losses = useQuery<StoredLoss[]>(kind === "packet" ? "/api/losses" : undefined, span);
  const isBusy = chart.isLoading || top.isLoading || losses.isLoading;
  useEffect(() => {
    if (!isGoing || isBusy) return;
    const again = () => document.hidden || setTurn((count) => count + 1);
    const timer = setTimeout(again, Math.min(60_000, Math.max(COUNT_AGAIN_MS, step / 5)));
    document.addEventListener("visibilitychange", again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [isGoing, isBusy, turn, step]);
  return { times, chart, top, losses: losses.data ?? [] };
}

function defaultStack(kind: StoredKind): Stack {
  return kind === "packet" ? "prefix" : "protocol";
}

/** Returns the term for a value of the chart's key. */
function termOf(by: Stack, value: string): string | undefined {
  if (by === "action") return `action ${value}`;
  return by === "prefix" ? nameTerm("prefix", value) : protocolTerm(value);
}

/** Joins losses, each once, in the order of time. */
function merged(one: readonly StoredLoss[], other: readonly StoredLoss[]): StoredLoss[] {
  const known = new Map(
    [...one, ...other].map((loss) => [`${loss.timeMs} ${loss.host} ${loss.capture}`, loss]),
  );
  return [...known.values()].sort((a, b) => a.timeMs - b.timeMs);
}

function turned(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Returns the range between the rows on either side of a place where some were left out. */
function skippedRange(items: readonly Item[], item: Item) {
  const place = items.indexOf(item);
  const newer = items.slice(0, place).findLast(({ type }) => type === "row");
  const older = items.slice(place).find(({ type }) => type === "row");
  return fixedRange({
    fromMs: older?.timeMs ?? item.timeMs - 1000,
    toMs: (newer?.timeMs ?? item.timeMs) + 1,
  });
}
