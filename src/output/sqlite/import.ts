/** Converts ulogd's SQLITE3 plugin to a SQLite output. */

import type { Reasons, Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";

const REASONS: Reasons = {
  buffer: "not needed; rows are written many at a time (flush_ms, flush_rows)",
};

/**
 * Makes the output. nfscribe's table may lie in ulogd's file, beside ulogd's own.
 *
 * @param settings The plugin's settings.
 */
export function importSqlite(settings: Settings): Output {
  const path = settings.take("db");
  const table = settings.take("table");
  return {
    entries: [["type", "sqlite"], ["path", path?.value || "nfscribe.db"]],
    notes: [
      ...path?.value ? [] : ["ulogd's configuration names no file"],
      ...table === undefined ? [] : [
        `line ${table.line}: table=${table.value}: nfscribe has tables of its own, packets and ` +
        "flows, and views ulog, ulog1 and ulog2_ct",
        "  with ulogd's columns (docs/sqlite.md)",
        ...["ulog", "ulog1", "packets"].includes(table.value)
          ? ['  That name is taken in ulogd\'s file: write table = "log" here']
          : [],
      ],
      ...settings.notes(REASONS),
    ],
  };
}
