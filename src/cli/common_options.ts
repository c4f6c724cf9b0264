/** The options that commands share; `options.ts` carries them out. */

import type { Option } from "./command.ts";

/** `--config` */
export const CONFIG: Option = {
  name: "config",
  short: "c",
  value: "FILE",
  help: "a TOML file; else nfscribe.toml here or in /etc/nfscribe",
  like: /\.toml$/,
};

/** `--filter` */
export const FILTER: Option = {
  name: "filter",
  value: "FILE",
  help: "TypeScript file that decides where packets go",
  like: /\.[mc]?[jt]s$/,
};

/** `--where` */
export const WHERE: Option = {
  name: "where",
  value: "EXPR",
  help: "only what this expression chooses, as tcpdump's",
};

/** Options of a service. */
export const SERVICE: readonly Option[] = [
  { name: "pid-file", value: "FILE", help: "write the process id there when ready" },
  { name: "takeover", help: "take over from the running process; no packet is lost" },
];

/** `--rules`: for configurations that are made. */
export const RULES: Option = {
  name: "rules",
  value: "FILE",
  help: "iptables-save's or nft's rules, which tell [actions]; - is standard input",
};

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
