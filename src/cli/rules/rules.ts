/** Runs `nfscribe rules`. */

import { ConfigError } from "../../errors.ts";
import { actionLines, actionNotes, knownActions } from "../../import/actions/known.ts";
import { comment } from "../../import/comment.ts";
import { printRules, type RuleForm } from "../../import/print_rules.ts";
import { type ShardOptions, shardRules } from "../../import/shards.ts";
import { translate } from "../../import/translate.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { readInput } from "../input.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { DONE } from "../status.ts";
import { feedFlags, printFeed } from "./feed.ts";

/** The largest group (`NFLOG` numbers them with 16 bits). */
const GROUP_MAX = 65535;
/** Enough for every machine; each shard is a netlink socket of its own. */
const SHARDS_MAX = 256;
/** Options of the rules for a configuration. */
const OF_FEED = ["config", "copy-range", "match", "hook", "prefix", "remove"] as const;

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
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

function shardsOf(options: ParsedOptions, shards: string, group: number): string {
  const family = (options.family ?? "inet") as ShardOptions["family"];
  const count = numberOf("shards", shards, 2, SHARDS_MAX);
  if (group + count - 1 > GROUP_MAX) {
    throw new UsageError(`--group must be at most ${GROUP_MAX - count + 1} with --shards ${count}`);
  }
  return shardRules({ shards: count, group, family });
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
  const isFile = from !== "-" && /^\S+$/.test(from) && rules.length === 0;
  const wrong = isFile
    ? []
    : problems.map(({ line, message }) => ({ key: `line ${line}`, message }));
  if (rules.length === 0 && wrong.length === 0) {
    wrong.push({
      key: "",
      message: isFile
        ? `"${from}" is no rule; a file is read from standard input: ` +
          `nfscribe rules --from - <${quoted(from)}`
        : "there is no rule that logs; write one with its program, chain and target, " +
          "as in iptables -A INPUT -j ULOG",
    });
  }
  if (rules.length > 0) {
    console.log([printRules(translated, form), ...actionComments(text)].join("\n"));
  }
  if (wrong.length > 0) throw new ConfigError(place, wrong);
  return DONE;
}

/** Returns what the rules tell of prefixes, for a configuration. */
function actionComments(text: string): string[] {
  const known = knownActions(text);
  const lines = actionLines(known);
  const table = lines.length === 0
    ? []
    : ["For nfscribe's configuration, what becomes of packets:", "  [actions]"];
  const notes = [...table, ...lines.map((line) => `  ${line}`), ...actionNotes(known)];
  return notes.length === 0 ? [] : ["", ...notes.map(comment)];
}

function formOf({ to, iptables }: ParsedOptions): RuleForm | undefined {
  if (to === "nft" && iptables !== undefined) {
    throw new UsageError("--iptables is the same as --to iptables; leave one of them out");
  }
  return iptables !== undefined ? "iptables" : to as RuleForm | undefined;
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
