/** Converts ulogd's own log to `[log]`. */

import type { ServicePaths } from "./service_paths.ts";
import type { Settings } from "./settings.ts";
import type { Table } from "./table.ts";

/**
 * Converts ulogd's levels: 1 debug, 3 info, 5 notice, 7 error, 8 fatal; messages of its start are
 * notices.
 */
function levelOf(number: number): "debug" | "info" | "error" {
  return number <= 1 ? "debug" : number <= 5 ? "info" : "error";
}

/**
 * Makes the table.
 *
 * @param settings The section `[global]`.
 * @param paths Paths that the service may write to.
 * @returns undefined if nfscribe's defaults suffice.
 */
export function logTable(settings: Settings, paths: ServicePaths): Table | undefined {
  const file = settings.take("logfile");
  const level = settings.number("loglevel");
  for (const key of ["plugin", "stack"]) settings.take(key);
  const entries: Table["entries"] = [];
  const notes: string[] = [];
  if (file !== undefined && (file.value === "syslog" || file.value === "stdout")) {
    const where = file.value === "syslog" ? "the journal has it, under systemd" : "as this was";
    notes.push(
      `line ${file.line}: logfile=${file.value}: nfscribe logs to standard error; ${where}`,
    );
  } else if (file !== undefined && file.value !== "") {
    const place = paths.of(file.value);
    entries.push(["file", place.path]);
    notes.push(...place.notes);
  }
  if (level !== undefined && levelOf(level.number) !== "info") {
    entries.push(["level", levelOf(level.number)]);
  }
  notes.push(...settings.notes());
  if (entries.length + notes.length === 0) return undefined;
  return { header: "[log]", origin: "nfscribe's own messages", entries, notes };
}
