/** Converts ulogd's output plugins to outputs. */

import type { Reasons, Settings } from "./settings.ts";
import type { Output } from "./table.ts";

/** Plugins without a counterpart, each with what there is instead. */
export const NO_OUTPUT: Readonly<Record<string, string>> = {
  DBI: "nfscribe speaks to each database itself: write PGSQL, MYSQL or SQLITE3 for its dbtype",
};

/**
 * Converts the settings of a plugin that writes a file.
 *
 * @param type The type of the output.
 * @param settings The plugin's settings.
 * @param byDefault The file that the plugin writes where none is named.
 * @param reasons Reasons for settings without an equivalent.
 */
export function fileOutput(
  type: string,
  settings: Settings,
  byDefault: string,
  reasons: Reasons = {},
): Output {
  const path = settings.text("file", byDefault);
  const sync = (settings.number("sync")?.number ?? 0) !== 0;
  return {
    entries: [["type", type], ["path", path === "/dev/stdout" ? "-" : path], ["sync", sync]],
    notes: settings.notes(reasons),
  };
}
