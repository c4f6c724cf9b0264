/** ulogd's NFACCT plugin as an accounting source. */

import type { Settings } from "../../import/ulogd/settings.ts";
import type { Source } from "../../import/ulogd/table.ts";

/** The longest interval of a source, in seconds. */
const INTERVAL_MAX = 86_400;

/** Converts the settings of ulogd 2's plugin. */
export function importNfacct(settings: Settings): Source {
  const interval = settings.number("pollinterval");
  const seconds = interval?.number ?? 0;
  const isReset = (settings.number("zerocounter")?.number ?? 1) !== 0;
  // The output's, as sum_time.
  settings.take("timestamp");
  const source: Source = {
    entries: [
      ["type", "accounting"],
      ["interval_seconds", Math.min(Math.max(1, seconds), INTERVAL_MAX)],
      ["objects", ["nfacct"]],
      ["reset", isReset],
    ],
    notes: settings.notes(),
    share: "the objects of nfacct",
  };
  if (seconds > INTERVAL_MAX) {
    source.notes.push(`line ${interval!.line}: ${interval!.key}=${seconds}: a day is the most`);
  }
  if (seconds <= 0) {
    source.problem = {
      line: interval?.line ?? 1,
      message: "pollinterval must be a number of seconds from 1, or ulogd does not start",
    };
  }
  return source;
}
