/**
 * ulogd's output plugins as outputs.
 *
 * @module
 */

import { postgresOutput } from "./postgres.ts";
import type { Settings } from "./settings.ts";
import type { Output } from "./table.ts";

/** Whose file it is; they differ in defaults. */
export type Version = 1 | 2;

/** Makes an output of a plugin's settings. */
type Maker = (settings: Settings, version: Version) => Output;

/** The plugins that have a counterpart. */
export const OUTPUTS: Readonly<Record<string, Maker>> = {
  LOGEMU: logemuOutput,
  PCAP: pcapOutput,
  PGSQL: postgresOutput,
};

/** The others, and what there is instead. */
export const NO_OUTPUT: Readonly<Record<string, string>> = {
  SYSLOG:
    'nfscribe writes to no syslog; a logemu output with path "-" gives its lines to the journal',
  JSON: "nfscribe has no JSON output; a filter script may write lines of its own (docs/filters.md)",
  XML: "nfscribe writes no XML",
  GPRINT: "nfscribe has no key=value lines; logemu's are near",
  OPRINT: "nfscribe has no key=value lines; logemu's are near",
  NACCT: "nfscribe keeps no accounts",
  MYSQL: "nfscribe knows PostgreSQL as its only database",
  SQLITE3: "nfscribe knows PostgreSQL as its only database",
  DBI: "nfscribe knows PostgreSQL as its only database; with dbtype=pgsql it is PGSQL",
  GRAPHITE: "nfscribe keeps no accounts",
  IPFIX: "nfscribe exports no flows",
};

function logemuOutput(settings: Settings, version: Version): Output {
  const path = version === 1 ? "/var/log/ulogd.syslogemu" : "/var/log/ulogd_syslogemu.log";
  const output = fileOutput("logemu", settings, path);
  if (version === 1) output.entries.push(["dialect", "ulogd1"]);
  return output;
}

function pcapOutput(settings: Settings): Output {
  return fileOutput("pcap", settings, "/var/log/ulogd.pcap");
}

function fileOutput(type: string, settings: Settings, byDefault: string): Output {
  const path = settings.text("file", byDefault);
  const sync = (settings.number("sync")?.number ?? 0) !== 0;
  return {
    entries: [["type", type], ["path", path === "/dev/stdout" ? "-" : path], ["sync", sync]],
    notes: settings.notes(),
  };
}
