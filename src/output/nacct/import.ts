/** ulogd's NACCT plugin as a NACCT output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";

/** Converts the plugin's settings. */
export function importNacct(settings: Settings): Output {
  return fileOutput("nacct", settings, "/var/log/nacctdata.log");
}
