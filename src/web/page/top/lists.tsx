/// <reference lib="dom" />
/** Lists of the most frequent values of what is found. */

import type { JSX } from "preact";
import { escaped } from "../../../text/escape.ts";
import type { StoredKind, Top, TopEntry, TopKey } from "../api/types.ts";
import type { Query } from "../api/use_query.ts";
import { Icon } from "../controls/icon.tsx";
import { Notice } from "../controls/notice.tsx";
import { addressTerm, nameTerm, portTerm, protocolTerm } from "../search/terms.ts";
import { bytes, count, moment, shortCount, type Zone } from "../text/format.ts";
import { protocolText } from "../text/protocols.ts";
import { serviceOf } from "../text/services.ts";

/** A list: its heading, and the term for one of its values. */
interface ListForm {
  readonly title: string;
  readonly term: (value: string) => string | undefined;
  readonly isAddress?: boolean;
  readonly note?: (value: string) => string | undefined;
}

const portName = (value: string) => serviceOf(Number(value));

const LISTS: Readonly<Record<TopKey, ListForm>> = {
  source: { title: "Sources", term: (value) => addressTerm("src", value), isAddress: true },
  destination: {
    title: "Destinations",
    term: (value) => addressTerm("dst", value),
    isAddress: true,
  },
  destinationPort: {
    title: "Destination ports",
    term: (value) => portTerm("dst", value),
    note: portName,
  },
  sourcePort: { title: "Source ports", term: (value) => portTerm("src", value), note: portName },
  protocol: { title: "Protocols", term: protocolTerm },
  prefix: { title: "Prefixes", term: (value) => nameTerm("prefix", value) },
  in: { title: "In by", term: (value) => nameTerm("in", value) },
  out: { title: "Out by", term: (value) => nameTerm("out", value) },
  uid: { title: "Users", term: (value) => `uid ${value}` },
  host: { title: "Hosts", term: () => undefined },
};

/** Lists of each kind of record, in their order. */
export const TOP_KEYS: Readonly<Record<StoredKind, readonly TopKey[]>> = {
  packet: ["source", "destination", "destinationPort", "prefix", "in", "out", "protocol", "uid"],
  flow: ["source", "destination", "destinationPort", "protocol"],
};

/** Properties of the lists. */
export interface TopListsProperties {
  keys: readonly TopKey[];
  query: Query<Top>;
  measure: "packets" | "bytes";
  zone: Zone;
  /** Headings that differ. */
  titles?: Partial<Record<TopKey, string>>;
  onTerm(term: string, isExcluded: boolean): void;
  onAbout(address: string): void;
}

/** Shows the lists. */
export function TopLists(properties: TopListsProperties): JSX.Element {
  const { keys, query, zone } = properties;
  const { data, error, retry } = query;
  if (error !== undefined && error.place === undefined) {
    return <Notice text={`The lists: ${error.message}`} onRetry={retry} />;
  }
  if (data === undefined) return <div class="top top-loading" aria-busy="true" />;
  const shown = keys.filter((key) => (data.lists[key]?.length ?? 0) > 0);
  return (
    <div class="top">
      {!data.isComplete && (
        <p class="note">
          Of the newest {count(data.counted)}, back to {moment(data.reachedMs, zone)}
        </p>
      )}
      {shown.map((key) => (
        <List key={key} {...properties} list={key} entries={data.lists[key]!} counted={data} />
      ))}
      {shown.length === 0 && <p class="note">Nothing to count in this range.</p>}
    </div>
  );
}

function List(
  { list, entries, measure, titles, onTerm, onAbout }: TopListsProperties & {
    list: TopKey;
    entries: readonly TopEntry[];
    counted: Top;
  },
): JSX.Element {
  const { title, term, isAddress, note } = LISTS[list];
  const most = Math.max(1, ...entries.map((entry) => entry[measure]));
  const write = measure === "bytes"
    ? bytes
    : (value: number) => value < 10_000 ? count(value) : shortCount(value);
  return (
    <section class="top-list">
      <h2>{titles?.[list] ?? title}</h2>
      <ol>
        {entries.map((found) => {
          const entry = list === "protocol"
            ? { ...found, value: protocolText(found.value) }
            : found;
          const chosen = term(entry.value);
          return (
            <li key={entry.value}>
              <button
                type="button"
                class="top-entry"
                disabled={chosen === undefined}
                title={chosen === undefined ? undefined : escaped(`${chosen} · Shift excludes`)}
                onClick={(event) => chosen !== undefined && onTerm(chosen, event.shiftKey)}
                onKeyDown={(event) => {
                  if (event.key === "-" && chosen !== undefined) onTerm(chosen, true);
                }}
              >
                <span class="top-bar" style={{ width: `${100 * entry[measure] / most}%` }} />
                <span class="top-value">
                  {escaped(entry.value)}
                  {note?.(entry.value) && <span class="cell-service">{note(entry.value)}</span>}
                </span>
                <span class="top-count">{write(entry[measure])}</span>
              </button>
              {isAddress && (
                <button
                  type="button"
                  class="button button-quiet"
                  title={`Page of ${entry.value}`}
                  aria-label={`Page of ${entry.value}`}
                  onClick={() => onAbout(entry.value)}
                >
                  <Icon name="right" />
                </button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
