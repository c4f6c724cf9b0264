/** ulogd's OPRINT plugin as an OPRINT output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output, Route, Version } from "../../import/ulogd/table.ts";
import { addKeys } from "../ulogd/import.ts";

/** Converts the plugin's settings. */
export function importOprint(settings: Settings, version: Version, route: Route): Output {
  const path = version === 1 ? "/var/log/ulogd.pktlog" : "/var/log/ulogd_oprint.log";
  const output = fileOutput("oprint", settings, path);
  if (version === 1) output.notes.push("the keys are those of ulogd 2");
  addKeys(output, route);
  return output;
}
