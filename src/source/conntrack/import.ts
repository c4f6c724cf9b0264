/** ulogd's NFCT plugin as a conntrack source. */

import { PROTOCOL_NAMES } from "../../filter/expression/protocols.ts";
import { addressBytes, parseAddress, prefixMask } from "../../filter/parse_address.ts";
import { bufferSize, INPUT_REASONS } from "../../import/ulogd/inputs.ts";
import type { Reasons, Settings } from "../../import/ulogd/settings.ts";
import {
  anyOf,
  entryOf,
  type JoinedSource,
  type Source,
  type Value,
} from "../../import/ulogd/table.ts";
import { ipv4Text, ipv6Text } from "../../packet/address.ts";
import { EVENT_NAMES } from "./options.ts";

/** ulogd's numbers of the kernel's groups, by event. */
const EVENT_BITS = { new: 1, update: 2, destroy: 4 } as const;
const BY_DEFAULT = EVENT_BITS.new | EVENT_BITS.destroy;

const REASONS: Reasons = {
  ...INPUT_REASONS,
  hash_buckets: "not needed; the kernel keeps the flows",
  hash_max_entries: "not needed; the kernel keeps the flows (flows_max, with reconcile = true)",
  netlink_resync_timeout: "ulogd read the table again after a loss; reconcile = true does so",
  reliable: "the kernel dropped packets rather than events; nfscribe counts what is lost instead",
  accept_mark_filter: 'write where = "mark VALUE/MASK"',
};

/** Filters of ulogd's, and the expression of one of their values. */
const FILTERS = {
  accept_src_filter: { words: "src net", valueOf: networkText },
  accept_dst_filter: { words: "dst net", valueOf: networkText },
  accept_proto_filter: { words: "proto", valueOf: protocolText },
} as const;

/** Converts the settings of ulogd 2's plugin. */
export function importNfct(settings: Settings): Source {
  const hasHash = (settings.number("hash_enable")?.number ?? 1) !== 0;
  const mask = settings.number("event_mask");
  const interval = settings.number("pollinterval")?.number ?? 0;
  const path = settings.text("network_namespace_path", "");
  const buffer = bufferSize(
    settings,
    "netlink_socket_buffer_size",
    "netlink_socket_buffer_maxsize",
  );
  const chosen = filters(settings, interval > 0);
  const entries: [string, Value][] = [
    ["type", "conntrack"],
    interval > 0
      ? ["poll_seconds", interval]
      : ["events", hasHash ? ["destroy"] : eventsOf(mask?.number ?? BY_DEFAULT)],
    ...chosen.entries,
    ...buffer.entries,
  ];
  if (path !== "") entries.push(["netns", path]);
  const notes = [...buffer.notes, ...chosen.notes, ...settings.notes(REASONS)];
  if (mask !== undefined && (hasHash || interval > 0)) {
    notes.push(
      `line ${mask.line}: event_mask=${mask.value}: with its hash, ulogd prints ends only`,
    );
  }
  notes.push(
    "Counters and times are the kernel's; it keeps them where these are on:",
    "  sysctl net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_timestamp=1",
  );
  const share = path === "" ? "the flows" : `the flows of ${path}`;
  return { entries, notes, share, join: joined };
}

/** Joins inputs that take events: all of their events, from which outputs choose by `where`. */
function joined(sources: readonly Source[]): JoinedSource | undefined {
  const eventsOf = (source: Source) => entryOf(source, "events") as string[] | undefined;
  const lists = sources.map(eventsOf);
  if (lists.includes(undefined)) return undefined;
  const events: string[] = EVENT_NAMES.filter((name) => lists.some((list) => list!.includes(name)));
  const wheres = sources.map((source) => entryOf(source, "where") as string | undefined);
  const isOneWhere = new Set(wheres).size === 1;
  const choices = sources.map((_, n) => {
    const ofEvents = lists[n]!.length === events.length ? [] : [`event ${lists[n]!.join(" or ")}`];
    const ofWhere = isOneWhere || wheres[n] === undefined ? [] : [wheres[n]];
    return [...ofEvents, ...ofWhere].join(" and ") || undefined;
  });
  const where = wheres.includes(undefined) ? undefined : anyOf(wheres as string[]);
  const buffers = sources.map((source) => Number(entryOf(source, "buffer_size") ?? 0));
  const entries = new Map(sources.flatMap((source) => source.entries));
  entries.set("events", events);
  if (where === undefined) entries.delete("where");
  else entries.set("where", where);
  if (entries.has("buffer_size")) entries.set("buffer_size", Math.max(...buffers));
  return { entries: [...entries], choices };
}

/** Returns the events that ulogd prints without its hash: never changes, and one at least. */
function eventsOf(mask: number): string[] {
  const events = EVENT_NAMES.filter((name) => name !== "update" && (mask & EVENT_BITS[name]) !== 0);
  return events.length === 0 ? ["destroy"] : events;
}

/** Converts filters to an expression; ulogd applies them to events only. */
function filters(settings: Settings, isPolled: boolean): Pick<Source, "entries" | "notes"> {
  const parts: string[] = [];
  const notes: string[] = [];
  for (const [key, { words, valueOf }] of Object.entries(FILTERS)) {
    const setting = settings.take(key);
    if (setting === undefined || setting.value === "") continue;
    const told = `line ${setting.line}: ${key}=${setting.value}`;
    const values = setting.value.split(",").map((value) => valueOf(value.trim()));
    if (isPolled) notes.push(`${told}: ulogd did not use it beside pollinterval`);
    else if (values.includes(undefined)) {
      notes.push(`${told}: has a value that is not known; see where`);
    } else parts.push(`${words} ${values.length === 1 ? values[0] : `(${values.join(" or ")})`}`);
  }
  return { entries: parts.length === 0 ? [] : [["where", parts.join(" and ")]], notes };
}

/** Returns a network as expressions write it, without bits behind its prefix. */
function networkText(text: string): string | undefined {
  const [address = "", length] = text.split("/");
  const words = parseAddress(address);
  const bits = words === undefined ? 0 : words.length * 32;
  const prefix = length === undefined ? bits : Number(length);
  if (words === undefined || !/^\d*$/.test(length ?? "") || prefix > bits) return undefined;
  const masked = words.map((word, n) =>
    (word & prefixMask(Math.max(0, Math.min(32, prefix - 32 * n)))) >>> 0
  );
  const bytes = addressBytes(masked);
  return `${bits === 32 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0)}/${prefix}`;
}

/** Returns a protocol that expressions know by this name or number. */
function protocolText(text: string): string | undefined {
  return Object.hasOwn(PROTOCOL_NAMES, text) || /^\d{1,3}$/.test(text) ? text : undefined;
}
