/** ulogd's GPRINT plugin as a GPRINT output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output, Route, Version } from "../../import/ulogd/table.ts";
import { addKeys } from "../ulogd/import.ts";

/** Converts the plugin's settings. */
export function importGprint(settings: Settings, _version: Version, route: Route): Output {
  const hasTime = (settings.number("timestamp")?.number ?? 0) !== 0;
  const output = fileOutput("gprint", settings, "/var/log/ulogd_gprint.log");
  if (hasTime) output.entries.push(["timestamp", true]);
  addKeys(output, route);
  return output;
}
