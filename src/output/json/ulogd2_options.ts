/** Options of lines as ulogd's JSON plugin prints them; no encoder loads them. */

import { described, type Entries, optional, type OptionsOf, text, yesOrNo } from "../../schema.ts";
import { keyEntries, keyOptions } from "../ulogd/options.ts";

/** Options of the lines, in the words of ulogd's plugin. */
export const ulogd2Entries = {
  timestamp: described(
    "Whether a line begins with the packet's time, with ulogd's format.",
    optional(yesOrNo(), true),
  ),
  eventv1: described(
    "Whether a line has @version and @timestamp, as Logstash expects them, with ulogd's format.",
    optional(yesOrNo(), false),
  ),
  device: described(
    "Name printed as dvc, with ulogd's format.",
    optional(text("a device's name"), "Netfilter"),
  ),
  booleanLabel: described(
    "Whether the label is printed as action, allowed or blocked, with ulogd's format.",
    optional(yesOrNo(), false),
  ),
  ...keyEntries,
} satisfies Entries;

/** Options of the lines. */
export type Ulogd2Options = OptionsOf<typeof ulogd2Entries>;

/** Returns the options that a sandbox's encoder is made with. */
export function ulogd2Options(options: Ulogd2Options): Ulogd2Options {
  const { timestamp, eventv1, device, booleanLabel } = options;
  return { timestamp, eventv1, device, booleanLabel, ...keyOptions(options) };
}
