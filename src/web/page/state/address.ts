/** Everything that the address bar says, so that a link shows the same to others. Pure. */

import { FIRST_RANGE, momentOf, type Range } from "../time/range.ts";

/** Tabs of the page. */
export const TABS = ["packets", "flows", "nat", "health"] as const;
/** A tab of the page. */
export type Tab = typeof TABS[number];

/** Keys by which the chart is stacked and rows are coloured. */
export const STACKS = ["action", "prefix", "protocol"] as const;
/** A key by which the chart is stacked and rows are coloured. */
export type Stack = typeof STACKS[number];

/** All that the address bar says. */
export interface View extends Range {
  readonly tab: Tab;
  /** Expression that chooses records; empty for all. */
  readonly where: string;
  /** Key of the chart; undefined for the one that fits the store. */
  readonly by?: Stack | undefined;
  /** Count in the chart and in lists. */
  readonly measure: "packets" | "bytes";
  /** Address whose own page is shown. */
  readonly about?: string | undefined;
  /** Record that is open in the drawer. */
  readonly id?: string | undefined;
  /** Question of the NAT tab, of which the address bar of others says nothing. */
  readonly address?: string | undefined;
  readonly port?: string | undefined;
  readonly at?: string | undefined;
}

/** The view of an address without a query. */
export const FIRST_VIEW: View = {
  ...FIRST_RANGE,
  tab: "packets",
  where: "",
  measure: "packets",
};

/** Reads a view from the query of an address; what is wrong there is as if it were left out. */
export function viewOf(query: string): View {
  const given = new URLSearchParams(query);
  const text = (name: string) => given.get(name) || undefined;
  const from = text("from") ?? FIRST_RANGE.from;
  const to = text("to") ?? "now";
  const now = Date.now();
  const [fromMs, toMs] = [momentOf(from, now), momentOf(to, now)];
  const isRange = fromMs !== undefined && toMs !== undefined && fromMs < toMs;
  const tab = text("kind") === "flow" ? "flows" : oneOf(TABS, text("view")) ?? "packets";
  return {
    tab,
    where: text("where") ?? "",
    ...isRange ? { from, to } : FIRST_RANGE,
    by: oneOf(STACKS, text("by")),
    measure: text("measure") === "bytes" ? "bytes" : "packets",
    about: text("about"),
    id: text("id"),
    ...tab === "nat" && { address: text("address"), port: text("port"), at: text("at") },
  };
}

/** Writes a view as the query of an address: what is as usual is left out. */
export function queryOf(view: View): string {
  const { tab, where, from, to, by, measure, about, id, address, port, at } = view;
  const query = new URLSearchParams();
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") query.set(name, value);
  };
  if (tab === "flows") query.set("kind", "flow");
  else if (tab === "packets") query.set("kind", "packet");
  else query.set("view", tab);
  put("where", where);
  put("from", from);
  put("to", to);
  put("by", by);
  if (measure === "bytes") query.set("measure", measure);
  put("about", about);
  put("id", id);
  if (tab === "nat") {
    put("address", address);
    put("port", port);
    put("at", at);
  }
  return `?${query}`;
}

function oneOf<T extends string>(known: readonly T[], text: string | undefined): T | undefined {
  return known.find((name) => name === text);
}
