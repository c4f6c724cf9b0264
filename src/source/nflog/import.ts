/** ulogd's NFLOG plugin as an NFLOG source. */

import { bufferSize, INPUT_REASONS } from "../../import/ulogd/inputs.ts";
import type { Reasons, Settings } from "../../import/ulogd/settings.ts";
import type { Source, Value } from "../../import/ulogd/table.ts";

const REASONS: Reasons = {
  ...INPUT_REASONS,
  unbind: "not needed; nfscribe leaves the kernel's loggers as they are",
  seq_local: "not needed; nfscribe counts lost packets by these numbers (packet.seq)",
  seq_global: "not needed; the packet has these numbers (packet.seqGlobal)",
  attach_conntrack: "has no counterpart; flows have a source of their own (conntrack)",
};

/** Converts the settings of ulogd 2's plugin. */
export function importNflog(settings: Settings): Source {
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
  const notes = [...buffer.notes, ...settings.notes(REASONS)];
  if ((group?.number ?? 0) === 0 || (bind?.number ?? 0) > 0) {
    notes.push(...systemLogging(bind?.line));
  }
  const source: Source = { entries, notes, share: `group ${group?.number ?? 0}` };
  if (group !== undefined && (group.number < 0 || group.number > 65535)) {
    const message = `group must be a number from 0 to 65535, not ${group.value}`;
    source.problem = { line: group.line, message };
  }
  return source;
}

/** Notes that with group 0 or `bind`, ulogd also takes over the messages of the kernel itself. */
function systemLogging(line: number | undefined): string[] {
  return [
    `${line === undefined ? "" : `line ${line}: bind: `}ulogd made itself the logger of the ` +
    "kernel's own messages, too (invalid packets, by nf_conntrack_log_invalid). If you want them:",
    "  sysctl net.netfilter.nf_log.2=nfnetlink_log net.netfilter.nf_log.10=nfnetlink_log",
  ];
}
