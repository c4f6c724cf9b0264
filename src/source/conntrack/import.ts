/** ulogd's NFCT plugin as a conntrack source. */

import { bufferSize, INPUT_REASONS } from "../../import/ulogd/inputs.ts";
import type { Reasons, Settings } from "../../import/ulogd/settings.ts";
import type { Source, Value } from "../../import/ulogd/table.ts";
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
  pollinterval: "ulogd asked the kernel now and then; events bring each end at once",
  accept_src_filter: filterReason("flow.source"),
  accept_dst_filter: filterReason("flow.destination"),
  accept_proto_filter: filterReason("flow.protocol"),
};

/** Converts the settings of ulogd 2's plugin. */
export function importNfct(settings: Settings): Source {
  const hasHash = (settings.number("hash_enable")?.number ?? 1) !== 0;
  const mask = settings.number("event_mask");
  const path = settings.text("network_namespace_path", "");
  const buffer = bufferSize(
    settings,
    "netlink_socket_buffer_size",
    "netlink_socket_buffer_maxsize",
  );
  const entries: [string, Value][] = [
    ["type", "conntrack"],
    ["events", hasHash ? ["destroy"] : eventsOf(mask?.number ?? BY_DEFAULT)],
    ...buffer.entries,
  ];
  if (path !== "") entries.push(["netns", path]);
  const notes = [...buffer.notes, ...settings.notes(REASONS)];
  if (mask !== undefined && hasHash) {
    notes.push(
      `line ${mask.line}: event_mask=${mask.value}: with its hash, ulogd prints ends only`,
    );
  }
  notes.push(
    "Counters and times are the kernel's; it keeps them where these are on:",
    "  sysctl net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_timestamp=1",
  );
  const share = path === "" ? "the flows" : `the flows of ${path}`;
  return { entries, notes, share };
}

/** Returns the events that ulogd prints without its hash: never changes, and one at least. */
function eventsOf(mask: number): string[] {
  const events = EVENT_NAMES.filter((name) => name !== "update" && (mask & EVENT_BITS[name]) !== 0);
  return events.length === 0 ? ["destroy"] : events;
}

function filterReason(word: string): string {
  return `say so in a filter script, by ${word}`;
}
