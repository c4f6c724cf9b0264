/**
 * `nfscribe rules`: firewall rules for NFLOG, of older ones or for several groups.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { printRules, type RuleForm } from "../migrate/print_rules.ts";
import { SHARD_FAMILIES, shardRules } from "../migrate/shards.ts";
import { translate } from "../migrate/translate.ts";
import { type Command, type ParsedOptions, UsageError } from "./command.ts";
import { readInput } from "./input.ts";

/** The largest group (`NFLOG` numbers them with 16 bits). */
const GROUP_MAX = 65535;
/** Enough for every machine; each shard is a netlink socket of its own. */
const SHARDS_MAX = 256;

/** `nfscribe rules` */
export const rulesCommand: Command = {
  name: "rules",
  summary: "print firewall rules: of ULOG and LOG rules, or for several groups",
  details: `With --from, prints what a rule with ULOG, LOG or NFLOG is as a rule with NFLOG,
for iptables and for nft. With --shards, prints rules for nft that spread
connections over groups. Changes nothing: the rules are yours to load.`,
  options: [
    {
      name: "from",
      value: "RULE",
      many: true,
      help: "a rule; may be repeated; - reads a script or iptables-save",
    },
    { name: "to", value: "FORM", help: "print only one form: iptables or nft" },
    { name: "shards", value: "N", help: "spread connections over N groups" },
    { name: "group", value: "N", help: "group for LOG rules, or the first shard's (1)" },
    { name: "family", value: "NAME", help: "the shards' table: inet (default), ip, ip6, bridge" },
  ],
  examples: [
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
  if ((from === undefined) === (shards === undefined)) {
    throw new UsageError(
      "Say either --from, with a rule to translate, or --shards, with how many groups there are",
    );
  }
  const group = numberOf("group", options.group ?? "1", 0, GROUP_MAX);
  if (shards !== undefined) {
    console.log(shardsOf(options, shards, group));
    return 0;
  }
  if (options.family !== undefined) throw new UsageError("--family belongs to --shards");
  return await translateAll(from!, group, formOf(options.to));
}

function shardsOf({ to, family = "inet" }: ParsedOptions, shards: string, group: number): string {
  if (to !== undefined) throw new UsageError("--to belongs to --from; shards are for nft");
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
  return 0;
}

function formOf(text: string | undefined): RuleForm | undefined {
  if (text === undefined || text === "iptables" || text === "nft") return text;
  throw new UsageError(`--to must be iptables or nft, not "${text}"`);
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
