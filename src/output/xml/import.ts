/** ulogd's XML plugin as an XML output. */

import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output, Route, Version } from "../../import/ulogd/table.ts";
import type { XmlRecords } from "./options.ts";

/** Infix of the names of the files as of ulogd, and the records of a document, by kind. */
const NAMES: Readonly<Record<string, { infix: string; records?: XmlRecords }>> = {
  packet: { infix: "pkt" },
  flow: { infix: "flow", records: "flows" },
  counter: { infix: "sum", records: "counters" },
};

/** Converts the plugin's settings. */
export function importXml(settings: Settings, _version: Version, { kind }: Route): Output {
  const folder = settings.text("directory", "/var/log/").replace(/\/*$/, "/");
  const isStandardOutput = (settings.number("stdout")?.number ?? 0) !== 0;
  const sync = (settings.number("sync")?.number ?? 0) !== 0;
  const { infix, records } = NAMES[kind]!;
  const path = isStandardOutput ? "-" : `${folder}ulogd-${infix}-{time}.xml`;
  const notes = settings.notes();
  if (!isStandardOutput) {
    notes.push(
      "ulogd has the local time in the name, as 28112026-075235; {time} is UTC, as 20261128T075235Z",
      "ulogd begins a file at each SIGHUP; rotate_seconds = 86400 begins one each day",
    );
  }
  const entries: Output["entries"] = [["type", "xml"], ["path", path], ["sync", sync]];
  if (records !== undefined) entries.push(["records", records]);
  return { entries, notes };
}
