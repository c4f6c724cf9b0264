/** Settings of connection tracking that decide what flows tell. Pure. */

import type { ConntrackOptions } from "./options.ts";

/** A setting, below `/proc/sys`. */
export interface Setting {
  /** Name as sysctl(8) has it. */
  name: string;
  /** The value that it should have. */
  wanted: string;
  /** Meaning of another value. */
  otherwise: string;
}

/** Settings that decide what the end of a flow tells. */
export const SETTINGS: readonly Setting[] = [
  {
    name: "net.netfilter.nf_conntrack_acct",
    wanted: "1",
    otherwise: "flows have no packets and bytes",
  },
  {
    name: "net.netfilter.nf_conntrack_timestamp",
    wanted: "1",
    otherwise: "flows have no start, end and duration",
  },
];

/** Setting that decides whether there are events at all. */
export const EVENTS_SETTING: Setting = {
  name: "net.netfilter.nf_conntrack_events",
  wanted: "1",
  otherwise: "the kernel sends no events",
};

/** Returns the file of a setting. */
export function fileOf({ name }: Setting): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

/** Returns the command that sets it right. */
export function commandOf({ name, wanted }: Setting): string {
  return `sysctl -w ${name}=${wanted}`;
}

/**
 * Returns the settings that are off.
 *
 * @param options Events that are taken: only ended flows have counters and times. Where flows are
 *   asked for, there need be no events.
 * @param valueOf Returns the value of a setting; undefined where that may not be read.
 */
export function settingsOff(
  { events, pollSeconds }: Pick<ConntrackOptions, "events" | "pollSeconds">,
  valueOf: (setting: Setting) => string | undefined,
): Setting[] {
  const wanted = pollSeconds !== undefined
    ? SETTINGS
    : events.includes("destroy")
    ? [EVENTS_SETTING, ...SETTINGS]
    : [EVENTS_SETTING];
  return wanted.filter((setting) => valueOf(setting) === "0");
}
