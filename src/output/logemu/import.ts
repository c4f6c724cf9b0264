/** ulogd's LOGEMU plugin as a LOGEMU output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output, Version } from "../../import/ulogd/table.ts";

/** Converts the plugin's settings. */
export function importLogemu(settings: Settings, version: Version): Output {
  const path = version === 1 ? "/var/log/ulogd.syslogemu" : "/var/log/ulogd_syslogemu.log";
  const output = fileOutput("logemu", settings, path);
  if (version === 1) output.entries.push(["dialect", "ulogd1"]);
  return output;
}
