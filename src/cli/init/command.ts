/** `nfscribe init`: a configuration, a filter and its test to start from. */

import type { Command } from "../command.ts";
import { FLAGS, RULES } from "../common_options.ts";
import { OUTPUTS, SOURCE } from "../part_options.ts";

/** `nfscribe init` */
export const initCommand: Command = {
  name: "init",
  summary: "write a commented nfscribe.toml and a filter to start from",
  details: `Writes nfscribe.toml, filter.ts, filter_test.ts and deno.json, which tells editors
and deno test what nfscribe is. What is there stays as it is: then nothing is
written. On a terminal it asks for the group and the outputs; elsewhere, or with
--yes, options and defaults tell. Rules tell the groups that they log to, and what
becomes of the packets. With --nat-log only nfscribe.toml is written, which logs the
beginning and the end of each translated flow. With --fleet it writes what many hosts
take to log into one place: a configuration and a key for each host, those of the
NATS servers between, with TLS and least rights, and that of the centre; in the folder
of a fleet it adds hosts. With --service, and nothing else, root
gets what scripts/install and the Debian package bring for a service: unit, user, its
folders and /etc/nfscribe/nfscribe.toml; for an nfscribe that is one file.`,
  options: [
    { name: "folder", value: "FOLDER", help: "where to; it is made if it is missing (this one)" },
    ...SOURCE,
    ...OUTPUTS,
    RULES,
    {
      name: "nat-log",
      help: "a NAT log instead: who had which public address and port, into a database",
    },
    {
      name: "fleet",
      value: "LIST",
      help: "many hosts that log into one place instead: their names, as in web1,web2",
    },
    { name: "servers", value: "LIST", help: "with --fleet: the NATS servers (localhost)" },
    { name: "service", help: "make this one file a service of the system instead" },
    { name: "yes", help: "ask nothing" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe init", "in this folder"],
    ["nfscribe init --folder /etc/nfscribe --group 5 --yes", "elsewhere, asking nothing"],
    ["nft list ruleset | nfscribe init --yes --rules -", "with the groups of these rules"],
    ["nfscribe init --nat-log", "who had which public address and port, and when (RFC 6888)"],
    ["nfscribe init --fleet web1,web2 --servers nats.example", "many hosts, one log"],
    ["nfscribe init --service", "as root: nfscribe.service for the one file"],
    ["nfscribe init --postgres postgres://nfscribe@localhost/nfscribe", "rows in a database"],
  ],
  execute: async (options) => {
    const { init } = await import("./init.ts");
    return await init(options);
  },
};
