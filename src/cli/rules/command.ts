/**
 * `nfscribe rules`: firewall rules that feed a configuration, translations of older
 * ones, rules for several groups.
 */

import type { RuleForm } from "../../import/print_rules.ts";
import type { ShardOptions } from "../../import/shards.ts";
import type { Command } from "../command.ts";
import { CONFIG, FLAGS } from "../common_options.ts";

/** `nfscribe rules` */
export const rulesCommand: Command = {
  name: "rules",
  summary: "print the firewall rules that feed nfscribe",
  details: `Prints rules for each group of the configuration, or for --group: for nft and for
iptables. They log what matches and let it pass; without --match these are new
connections. With --from, prints a rule with ULOG, LOG or NFLOG as one with NFLOG, and the
expression that chooses the same packets.
With --shards, prints rules for nft that spread connections over groups. Changes
nothing: the rules are yours to load.`,
  options: [
    CONFIG,
    {
      name: "group",
      value: "N",
      help: "this group; of --from the one for LOG rules, of --shards the first (1)",
      like: /^\d+$/,
      letter: "i",
    },
    { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
    {
      name: "match",
      value: "MATCH",
      help: 'what to log, as nft or iptables say it: "tcp dport 22", "-p tcp --dport 22"; all',
    },
    {
      name: "hook",
      value: "NAME",
      many: true,
      choices: {
        input: "packets for this machine",
        forward: "packets that it forwards",
        output: "packets that it sends",
      },
      help: "where to log; may be repeated (input and forward)",
    },
    { name: "prefix", value: "TEXT", help: "what packets are marked with (the hook's name)" },
    { name: "remove", help: "print what takes the rules away again" },
    {
      name: "to",
      value: "FORM",
      choices: { iptables: "commands for a shell", nft: "for nft -f" } satisfies Record<
        RuleForm,
        string
      >,
      help: "print only one form",
    },
    { name: "iptables", help: "the same as --to iptables" },
    {
      name: "from",
      value: "RULE",
      many: true,
      help: "a rule to translate; may be repeated; - reads a script, iptables-save or nft's rules",
    },
    { name: "shards", value: "N", help: "spread connections over N groups" },
    {
      name: "family",
      value: "NAME",
      choices: {
        inet: "IPv4 and IPv6",
        ip: "IPv4",
        ip6: "IPv6",
        bridge: "frames that a bridge forwards",
      } satisfies Record<ShardOptions["family"], string>,
      help: "the shards' table (inet)",
    },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe rules -c /etc/nfscribe/nfscribe.toml", "what the configuration needs, to read"],
    ["nfscribe rules --to nft | nft -f -", "load it; nfscribe.toml is in this folder"],
    ["nfscribe rules --to nft --remove | nft -f -", "take it away again"],
    ['nfscribe rules --group 1 --match "tcp dport 22" --iptables | sh', "without a configuration"],
    [
      'nfscribe rules --from "iptables -A INPUT -j ULOG --ulog-nlgroup 1"',
      "the same with NFLOG, for iptables and nft",
    ],
    ["iptables-save | nfscribe rules --from - --to nft", "all rules that log, for nft only"],
    ["nfscribe rules --shards 4 | nft -f -", "four groups, each connection in one of them"],
  ],
  execute: async (options) => (await import("./rules.ts")).execute(options),
};
