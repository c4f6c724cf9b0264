/** ulogd's PCAP plugin as a pcap output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";

/** Converts the plugin's settings. */
export function importPcap(settings: Settings): Output {
  return fileOutput("pcap", settings, "/var/log/ulogd.pcap");
}
