/** ulogd's JSON plugin as a JSON output. */

import { fileOutput } from "../../import/ulogd/outputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output, Route, Version } from "../../import/ulogd/table.ts";
import { addKeys } from "../ulogd/import.ts";

/** Reasons for settings without an equivalent. */
const REASONS = {
  host: "is for a socket; nfscribe writes a file here",
  port: "is for a socket; nfscribe writes a file here",
};

/** Converts the plugin's settings; its lines stay the same to the byte. */
export function importJson(settings: Settings, _version: Version, route: Route): Output {
  const hasTime = (settings.number("timestamp")?.number ?? 1) !== 0;
  const isEvent = (settings.number("eventv1")?.number ?? 0) !== 0;
  const hasAction = (settings.number("boolean_label")?.number ?? 0) !== 0;
  const device = settings.text("device", "");
  const mode = settings.take("mode");
  const isSocket = mode !== undefined && mode.value !== "file";
  // The path of a Unix socket is no file to write.
  if (isSocket) settings.take("file");
  const output = fileOutput("json", settings, "/var/log/ulogd.json", REASONS);
  output.entries.push(["format", "ulogd2"]);
  if (!hasTime) output.entries.push(["timestamp", false]);
  if (isEvent) output.entries.push(["eventv1", true]);
  if (hasAction) output.entries.push(["boolean_label", true]);
  if (device !== "") output.entries.push(["device", device]);
  if (isSocket) {
    output.notes.push(`line ${mode.line}: mode=${mode.value}: nfscribe writes a file here`);
  }
  addKeys(output, route);
  return output;
}
