/** ulogd's GRAPHITE plugin as a Graphite output. */

import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";
import { bracketed } from "../../text/endpoint.ts";

/** Converts the plugin's settings; its lines stay the same to the byte. */
export function importGraphite(settings: Settings): Output {
  const host = settings.text("host", "127.0.0.1");
  const port = settings.text("port", "2003");
  const prefix = settings.text("prefix", "");
  const entries: Output["entries"] = [
    ["type", "graphite"],
    ["url", `tcp://${bracketed(host)}:${port}`],
  ];
  if (prefix !== "") entries.push(["prefix", prefix]);
  // The counts are those that the source reads: with zerocounter, they are reset each time.
  entries.push(["counts", "total"]);
  const notes = settings.notes();
  if (prefix === "") notes.push("ulogd had no prefix and began names with (null)");
  return { entries, notes };
}
