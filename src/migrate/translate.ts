/**
 * Rules for ULOG, LOG and NFLOG, translated into rules for NFLOG: for iptables,
 * where every other word stays as it was, and for nft.
 *
 * @module
 */

import { bytes, cutTo, type LogTarget, logTargetOf, RuleError } from "./log_target.ts";
import { chainCommands, nftChain } from "./nft_chain.ts";
import { nftMatches } from "./nft_matches.ts";
import { LOG_HERE, type Program, type Rule, ruleOf } from "./rule.ts";
import { commandsOf, inQuotes, quoted, runsCommand, type ShellCommand } from "./shell.ts";
import { programOf, savedProgram, savedTable } from "./program.ts";

/** A rule for NFLOG. */
export interface Translation {
  /** The line of the old rule, from 1 on. */
  line: number;
  /** The old rule. */
  from: string;
  /** The old rule's program. */
  program: Program;
  /** The rule for iptables, ip6tables or ebtables, as a command. */
  iptables: string;
  /** The rule for nft, as a command; absent if it has to be made by hand. */
  nft?: string;
  /** Commands that make the rule's chain in nft where there is none. */
  chain: string[];
  /** What has no counterpart, or another one. */
  notes: string[];
  /** Matches that no form for nft is known of. */
  byHand: string[];
}

/** A rule that cannot be translated. */
export interface RuleProblem {
  /** Its line, from 1 on. */
  line: number;
  /** What is wrong. */
  message: string;
}

/** Rules of a script or of `iptables-save`. */
export interface Translated {
  /** Those that log, in order. */
  rules: Translation[];
  /** Those that log and cannot be translated. */
  problems: RuleProblem[];
  /** How many rules there are that do not log. */
  others: number;
}

/** The longest prefixes of NFLOG, in bytes, less a NUL: nf_log.h, xt_NFLOG.h, ebt_nflog.h. */
const PREFIX_MAX = { nft: 127, legacy: 63, ebtables: 63 };
/** The longest comment of nft, in bytes (NFTNL_UDATA_COMMENT_MAXLEN). */
const COMMENT_MAX = 127;

/**
 * Translates every rule that logs.
 *
 * @param text A rule, a shell script, or what `iptables-save` prints.
 * @param group The group for rules with LOG, which has none.
 */
export function translate(text: string, group = 1): Translated {
  const result: Translated = { rules: [], problems: [], others: 0 };
  let commands: ShellCommand[];
  try {
    commands = commandsOf(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = Number(/\d+/.exec(error.message)?.[0] ?? 1);
    return { ...result, problems: [{ line, message: error.message.replace(/^line \d+: /, "") }] };
  }
  let table = "filter";
  for (const command of commands) {
    table = savedTable(command) ?? table;
    const named = programOf(command, savedProgram(text, command.line));
    const rule = named && ruleOf(named.program, named.words, named.saved ? table : undefined);
    if (rule === undefined) continue;
    try {
      const target = logTargetOf(rule, group);
      if (target === undefined) {
        result.others++;
        continue;
      }
      if (command.words.some(runsCommand)) throw new RuleError(COMMAND_INSIDE);
      result.rules.push(translation(command, rule, target, named!.name, named!.saved));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      result.problems.push({ line: command.line, message: error.message });
    }
  }
  return result;
}

const COMMAND_INSIDE =
  "the shell makes a word of it by running a command; put its result into a variable first";

function translation(
  command: ShellCommand,
  rule: Rule,
  target: LogTarget,
  name: string,
  saved: boolean,
): Translation {
  const { expressions, comment, byHand } = nftMatches(rule);
  const result: Translation = {
    line: command.line,
    from: command.words.map(({ raw }) => raw).join(" "),
    program: rule.program,
    iptables: iptablesRule(rule, target, name, saved),
    chain: chainCommands(rule),
    notes: [...target.notes],
    byHand,
  };
  result.notes.push(...prefixNotes(target.prefix ?? "", rule.program, prefixMax(rule, name)));
  if (rule.action === "other") {
    byHand.push("the command (nft deletes and replaces by handle: see nft -a list ruleset)");
  }
  if (rule.program === "ebtables" && target.size !== undefined) {
    result.notes.push("the kernel heeds no size of ebtables, but nft's snaplen");
  }
  if (byHand.length === 0) result.nft = nftRule(rule, target, expressions, comment, result.notes);
  return result;
}

/** The longest prefix that a program passes on: iptables-nft makes nft's own rule, others a target. */
function prefixMax({ program }: Rule, name: string): number {
  if (program === "ebtables") return PREFIX_MAX.ebtables;
  return name.endsWith("-legacy") ? PREFIX_MAX.legacy : PREFIX_MAX.nft;
}

function prefixNotes(prefix: string, program: Program, most: number): string[] {
  const length = bytes(prefix);
  if (length > most) return [`the prefix has ${length} bytes; ${program} takes ${most}: it is cut`];
  return length <= PREFIX_MAX.legacy ? [] : [
    `the prefix has ${length} bytes; iptables-legacy, and iptables before 1.8.8, cut it after ` +
    `${PREFIX_MAX.legacy}`,
  ];
}

/** Every word as it was, but for the target's. */
function iptablesRule(rule: Rule, target: LogTarget, name: string, saved: boolean): string {
  const { group, prefix, size, threshold } = target;
  const isBridge = rule.program === "ebtables";
  const options = [
    ...isBridge ? [] : ["-j", "NFLOG"],
    "--nflog-group",
    group,
    ...prefix === undefined ? [] : ["--nflog-prefix", cutTo(prefix, prefixMax(rule, name))],
    ...size === undefined ? [] : [isBridge ? "--nflog-range" : "--nflog-size", size],
    ...threshold === undefined ? [] : ["--nflog-threshold", threshold],
  ];
  const words = rule.words.flatMap((word) => word === LOG_HERE ? options.map(quoted) : [word.raw]);
  return [name, ...saved && rule.table !== "filter" ? ["-t", rule.table] : [], ...words].join(" ");
}

function nftRule(
  rule: Rule,
  target: LogTarget,
  expressions: readonly string[],
  comment: string | undefined,
  notes: string[],
): string {
  const { group, size, threshold } = target;
  const prefix = nftString("the prefix", target.prefix, PREFIX_MAX.nft, notes);
  const remark = nftString("the comment", comment, COMMENT_MAX, notes);
  const verb = rule.action === "append" ? "add" : "insert";
  // nft counts from 0.
  const index = rule.position === undefined ? "" : ` index ${rule.position - 1}`;
  const verdict = rule.program === "ebtables" ? nftVerdict(rule.target) : "";
  return `nft ${
    inQuotes([
      `${verb} rule ${nftChain(rule)}${index}`,
      ...expressions,
      "counter log",
      ...prefix === "" ? [] : [`prefix "${prefix}"`],
      `group ${group}`,
      ...size === undefined ? [] : [`snaplen ${size}`],
      ...threshold === undefined ? [] : [`queue-threshold ${threshold}`],
      ...verdict === "" ? [] : [verdict],
      ...remark === "" ? [] : [`comment "${remark}"`],
    ].join(" "))
  }`;
}

/** ebtables logs on the way to its target. */
function nftVerdict(target: string | undefined): string {
  return target === undefined || target === "CONTINUE" ? "" : target.toLowerCase();
}

/** Text as it may stand in nft's quotes, which know no escapes. */
function nftString(what: string, text: string | undefined, most: number, notes: string[]): string {
  if (text === undefined) return "";
  let result = text.replaceAll('"', "'");
  if (result !== text) notes.push(`nft has no " inside of quotes: ${what} has ' there`);
  // In quotes, $ names one of nft's own variables.
  const withoutDollar = result.replaceAll("$", "_");
  if (withoutDollar !== result) notes.push(`nft takes $ for its own: ${what} has _ there`);
  result = cutTo(withoutDollar, most);
  if (result !== withoutDollar) notes.push(`nft takes ${most} bytes: ${what} is cut`);
  return result;
}
