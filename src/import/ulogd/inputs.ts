/**
 * ulogd's input plugins as sources.
 *
 * @module
 */

import type { Reasons, Settings } from "./settings.ts";
import type { Value } from "./table.ts";

/** A source. */
export interface Source {
  /** Its keys, `type` first. */
  entries: [key: string, value: Value][];
  /** What has no counterpart. */
  notes: string[];
  /** What is wrong with it; absent if nothing is. */
  problem?: { line: number; message: string };
}

/** The group that ulogd listens to where none is named. */
const ULOG_GROUP = 32;

/** The bounds of `buffer_size`. */
const BUFFER_SIZE = { least: 4096, most: 0x3fff_ffff };

const NFLOG_REASONS: Reasons = {
  bufsize: "not needed; nfscribe's memory holds whatever the kernel sends at once",
  unbind: "not needed; nfscribe leaves the kernel's loggers as they are",
  seq_local: "not needed; nfscribe counts lost packets by these numbers (packet.seq)",
  seq_global: "has no counterpart; nfscribe counts by the group's own numbers",
  numeric_label: "has no counterpart; give the rule a prefix instead",
  attach_conntrack: "has no counterpart; nfscribe logs packets, not connections",
};

const ULOG_REASONS: Reasons = {
  bufsize: NFLOG_REASONS.bufsize!,
  numeric_label: NFLOG_REASONS.numeric_label!,
};

/** NFLOG of ulogd 2. */
export function nflogSource(settings: Settings): Source {
  const group = settings.number("group");
  const bind = settings.number("bind");
  const threshold = settings.number("netlink_qthreshold");
  const timeout = settings.number("netlink_qtimeout");
  const buffer = bufferSize(
    settings,
    "netlink_socket_buffer_size",
    "netlink_socket_buffer_maxsize",
  );
  const entries: [string, Value][] = [["type", "nflog"], ["group", group?.number ?? 0]];
  entries.push(...buffer.entries);
  if (threshold !== undefined && threshold.number > 0) {
    entries.push(["queue_threshold", threshold.number]);
  }
  if (timeout !== undefined && timeout.number > 0) {
    // ulogd passes on hundredths of a second.
    entries.push(["queue_timeout_ms", Math.min(timeout.number * 10, 3_600_000)]);
  }
  const notes = [...buffer.notes, ...settings.notes(NFLOG_REASONS)];
  if ((group?.number ?? 0) === 0 || (bind?.number ?? 0) > 0) {
    notes.push(...systemLogging(bind?.line));
  }
  const source: Source = { entries, notes };
  if (group !== undefined && (group.number < 0 || group.number > 65535)) {
    const message = `group must be a number from 0 to 65535, not ${group.value}`;
    source.problem = { line: group.line, message };
  }
  return source;
}

/** With group 0 or `bind`, ulogd takes the kernel's own messages over as well. */
function systemLogging(line: number | undefined): string[] {
  return [
    `${line === undefined ? "" : `line ${line}: bind: `}ulogd made itself the logger of the ` +
    "kernel's own messages, too (invalid packets, by nf_conntrack_log_invalid). If you want them:",
    "  sysctl net.netfilter.nf_log.2=nfnetlink_log net.netfilter.nf_log.10=nfnetlink_log",
  ];
}

/** ULOG of ulogd 1 and 2. */
export function ulogSource(settings: Settings): Source {
  const group = settings.number("nlgroup");
  const buffer = bufferSize(settings, "rmem", "");
  const number = group?.number ?? ULOG_GROUP;
  // Its place where it stands as a bit mask, as in the kernel's own interface.
  const place = number > 32 ? Math.log2(number) + 1 : number;
  const notes = [...buffer.notes, ...settings.notes(ULOG_REASONS)];
  if (group === undefined) notes.push(`ulogd listens to group ${ULOG_GROUP} where none is named`);
  else if (place !== number) {
    notes.push(`line ${group.line}: nlgroup=${group.value} is group ${place} as a bit mask`);
  }
  notes.push(
    'Kernels since 3.17 have no ULOG. There change the rules, and this to type = "nflog":',
    '  nfscribe rules --from "iptables …" prints them',
  );
  const source: Source = {
    entries: [["type", "ulog"], ["group", place], ...buffer.entries],
    notes,
  };
  if (!Number.isInteger(place) || place < 1 || place > 32) {
    const message = `nlgroup must be a number from 1 to 32, not ${group?.value}`;
    source.problem = { line: group?.line ?? 1, message };
  }
  return source;
}

/** The socket's buffer; ulogd lets it grow, nfscribe takes the largest size at once. */
function bufferSize(
  settings: Settings,
  key: string,
  largestKey: string,
): Pick<Source, "entries" | "notes"> {
  const size = settings.number(key);
  const largest = settings.number(largestKey);
  const chosen = (largest?.number ?? 0) > (size?.number ?? 0) ? largest : size;
  if (chosen === undefined || chosen.number === 0) return { entries: [], notes: [] };
  const { number, line } = chosen;
  if (number < BUFFER_SIZE.least || number > BUFFER_SIZE.most) {
    return {
      entries: [],
      notes: [`line ${line}: ${chosen.key}=${number}: nfscribe's own is better`],
    };
  }
  const notes = chosen === largest
    ? [`line ${line}: nfscribe takes the buffer at once; it does not grow`]
    : [];
  return { entries: [["buffer_size", number]], notes };
}
