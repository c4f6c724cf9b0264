/**
 * The options that commands share, as they are described; `options.ts` tells what
 * they do.
 *
 * @module
 */

import type { Option } from "./command.ts";

/** `--config` */
export const CONFIG: Option = {
  name: "config",
  short: "c",
  value: "FILE",
  help: "a TOML file; else nfscribe.toml here or in /etc/nfscribe",
};

/** Options that stand for a filter and outputs. */
export const OUTPUTS: readonly Option[] = [
  { name: "pcap", value: "FILE", help: "write a pcap file; - is standard output" },
  { name: "logemu", value: "FILE", help: "write lines as ulogd does; - is standard output" },
  {
    name: "postgres",
    value: "URL",
    help: "write rows into a database, as in postgres://user@host/db",
  },
  { name: "filter", value: "FILE", help: "TypeScript file that decides where packets go" },
];

/** Options that stand for a source. */
export const SOURCE: readonly Option[] = [
  { name: "group", value: "N", help: "NFLOG group of the rule, 0 to 65535" },
  { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
];

/** How a run is managed. */
export const SERVICE: readonly Option[] = [
  { name: "pid-file", value: "FILE", help: "write the process id there when ready" },
  { name: "takeover", help: "take over from the running process; no packet is lost" },
];

/** For scripts that start nfscribe with just the rights that it needs. */
export const FLAGS: readonly Option[] = [
  { name: "flags", help: "print only the flags it needs, a line each; does nothing" },
  { name: "shell-flags", help: "the same as words that a shell takes by eval" },
];

/** `--permissions`: for filters that are tried out. */
export const PERMISSIONS: Option = {
  name: "permissions",
  help: "grant the filter what [filter.permissions] says",
};
