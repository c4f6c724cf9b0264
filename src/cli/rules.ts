/**
 * `nfscribe rules`: firewall rules that feed a configuration, translations of older
 * ones, rules for several groups.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { printRules, type RuleForm } from "../migrate/print_rules.ts";
import { SHARD_FAMILIES, shardRules } from "../migrate/shards.ts";
import { translate } from "../migrate/translate.ts";
import { type Command, type ParsedOptions, UsageError } from "./command.ts";
import { readInput } from "./input.ts";
import { CONFIG, FLAGS } from "./common_options.ts";
import { feedFlags, printFeed } from "./rules_feed.ts";
import { DONE } from "./status.ts";

/** The largest group (`NFLOG` numbers them with 16 bits). */
const GROUP_MAX = 65535;
/** Enough for every machine; each shard is a netlink socket of its own. */
const SHARDS_MAX = 256;
/** Options of the rules for a configuration. */
const OF_FEED = ["config", "copy-range", "match", "hook", "prefix", "remove"] as const;

/** `nfscribe rules` */
export const rulesCommand: Command = {
  name: "rules",
  summary: "print the firewall rules that feed nfscribe",
  details: `Prints rules for each group of the configuration, or for --group: for nft and for
iptables. They log what matches and let it pass; without --match these are new
connections. With --from, prints a rule with ULOG, LOG or NFLOG as one with NFLOG.
With --shards, prints rules for nft that spread connections over groups. Changes
nothing: the rules are yours to load.`,
  options: [
    CONFIG,
    {
      name: "group",
      value: "N",
      help: "this group; of --from the one for LOG rules, of --shards the first (1)",
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
    { name: "to", value: "FORM", help: "print only one form: iptables or nft" },
    { name: "iptables", help: "the same as --to iptables" },
    {
      name: "from",
      value: "RULE",
      many: true,
      help: "a rule to translate; may be repeated; - reads a script or iptables-save",
    },
    { name: "shards", value: "N", help: "spread connections over N groups" },
    { name: "family", value: "NAME", help: "the shards' table: inet (default), ip, ip6, bridge" },
    FLAGS,
  ],
  examples: [
    ["nfscribe rules -c /etc/nfscribe.toml", "what the configuration needs, to read"],
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
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const { from, shards } = options;
  if (from !== undefined && shards !== undefined) {
    throw new UsageError(
      "Say either --from, with a rule to translate, or --shards, with how many groups there are",
    );
  }
  const isFeed = from === undefined && shards === undefined;
  if (options.flags !== undefined) {
    if (isFeed) feedFlags(options);
    return DONE;
  }
  const form = formOf(options);
  if (isFeed) {
    if (options.family !== undefined) throw new UsageError("--family belongs to --shards");
    console.log(await printFeed(options, form));
    return DONE;
  }
  const odd = OF_FEED.find((name) => options[name] !== undefined);
  if (odd !== undefined) {
    const other = from === undefined ? "shards" : "from";
    throw new UsageError(`--${odd} cannot stand beside --${other}; leave one of them out`);
  }
  const group = numberOf("group", options.group ?? "1", 0, GROUP_MAX);
  if (shards !== undefined) {
    if (form !== undefined) throw new UsageError("--to belongs to --from; shards are for nft");
    console.log(shardsOf(options, shards, group));
    return DONE;
  }
  if (options.family !== undefined) throw new UsageError("--family belongs to --shards");
  return await translateAll(from!, group, form);
}

function shardsOf({ family = "inet" }: ParsedOptions, shards: string, group: number): string {
  const known = SHARD_FAMILIES.find((name) => name === family);
  if (known === undefined) {
    throw new UsageError(`--family must be one of ${SHARD_FAMILIES.join(", ")}, not "${family}"`);
  }
  const count = numberOf("shards", shards, 2, SHARDS_MAX);
  if (group + count - 1 > GROUP_MAX) {
    throw new UsageError(`--group must be at most ${GROUP_MAX - count + 1} with --shards ${count}`);
  }
  return shardRules({ shards: count, group, family: known });
}

async function translateAll(
  from: string,
  group: number,
  form: RuleForm | undefined,
): Promise<number> {
  const text = from === "-" ? await readInput("-") : from;
  const translated = translate(text, group);
  const { rules, problems } = translated;
  const place = from === "-" ? "standard input" : "--from";
  const wrong = problems.map(({ line, message }) => ({ key: `line ${line}`, message }));
  if (rules.length === 0 && wrong.length === 0) {
    wrong.push({
      key: "",
      message: "there is no rule that logs; write one with its program, chain and target, " +
        "as in iptables -A INPUT -j ULOG",
    });
  }
  if (rules.length > 0) console.log(printRules(translated, form));
  if (wrong.length > 0) throw new ConfigError(place, wrong);
  return DONE;
}

function formOf({ to, iptables }: ParsedOptions): RuleForm | undefined {
  if (to === "nft" && iptables !== undefined) {
    throw new UsageError("--iptables is the same as --to iptables; leave one of them out");
  }
  if (iptables !== undefined) return "iptables";
  if (to === undefined || to === "iptables" || to === "nft") return to;
  throw new UsageError(`--to must be iptables or nft, not "${to}"`);
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
