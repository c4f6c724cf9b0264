/**
 * Translates a rule of iptables or ebtables into rules for NFLOG: for the same program, with every
 * other word unchanged, and for nft.
 */

import { bytes, cutTo, type LogTarget } from "./log_target.ts";
import { chainCommands, nftChain } from "./nft_chain.ts";
import { nftMatches } from "./nft_matches.ts";
import type { NamedProgram } from "./program.ts";
import { ruleExpression } from "./rule_expression.ts";
import { LOG_HERE, type Program, type Rule } from "./rule.ts";
import { withoutReserved } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { EXPANSION, inQuotes, quoted, variablesIn } from "./words.ts";

/** A rule for NFLOG. */
export interface Translation {
  /** Line of the old rule, from 1. */
  line: number;
  /** The old rule. */
  from: string;
  /** The old rule's program. */
  program: Program | "nft";
  /** The rule for iptables, ip6tables or ebtables, as a command; absent for a rule of nft. */
  iptables?: string;
  /** The same without the program's name; absent for a rule of nft. */
  arguments?: string;
  /** The rule for nft, as a command; absent if it must be made by hand. */
  nft?: string;
  /** Commands that create the rule's chain in nft if it is missing. */
  chain: string[];
  /** Expression that chooses the packets that it matches; absent if none says all of its matches. */
  where?: string;
  /** Notes about options without an equivalent, or with a different one. */
  notes: string[];
  /** Whether it is a loaded rule that logs to a group already, and stays as it is. */
  isUnchanged?: boolean;
  /** Matches without a known form for nft. */
  byHand: string[];
  /** Variables of the script that the rule needs, and whose values it does not say. */
  needs: string[];
}

/** A rule that cannot be translated. */
export interface RuleProblem {
  /** Its line, from 1. */
  line: number;
  /** Description of the problem. */
  message: string;
}

/** Rules of a script, of `iptables-save` or of nft. */
export interface Translated {
  /** Rules that log, in order. */
  rules: Translation[];
  /** Rules that log and cannot be translated. */
  problems: RuleProblem[];
  /** Number of rules that do not log. */
  others: number;
}

/** Families of nft's tables for each program. */
const FAMILIES: Readonly<Record<Program, string>> = {
  iptables: "ip",
  ip6tables: "ip6",
  ebtables: "bridge",
};
/** The longest prefixes of NFLOG in bytes, without the NUL: nf_log.h, xt_NFLOG.h, ebt_nflog.h. */
const PREFIX_MAX = { nft: 127, legacy: 63, ebtables: 63 };
/** The longest comment of nft, in bytes (NFTNL_UDATA_COMMENT_MAXLEN). */
const COMMENT_MAX = 127;

/**
 * Translates a rule.
 *
 * @param command The command with the rule.
 * @param target Its logging options.
 * @param named Its program.
 * @param isSaved Whether it is a line of `iptables-save`.
 */
export function translation(
  command: ShellCommand,
  rule: Rule,
  target: LogTarget,
  { name, within, notes }: NamedProgram,
  isSaved: boolean,
): Translation {
  const { expressions, comment, byHand } = nftMatches(rule);
  const table = isSaved && rule.table !== "filter" ? ["-t", rule.table] : [];
  // Every word unchanged, except those of the target.
  const argumentsOf = (words: readonly Word[]) =>
    [
      ...table,
      ...words.flatMap((word) => word === LOG_HERE ? nflogWords(rule, target, name) : [word.raw]),
    ].join(" ");
  const result: Translation = {
    line: command.line,
    from: withoutReserved(command.words).map(({ raw }) => raw).join(" "),
    program: rule.program,
    iptables: `${name} ${argumentsOf(rule.words.filter(({ isImplied }) => isImplied !== true))}`,
    arguments: argumentsOf(rule.words),
    chain: chainCommands(rule).map((command) => within + command),
    notes: [...notes, ...target.notes],
    byHand,
    ...isSaved && rule.target === "NFLOG" && { isUnchanged: true },
    needs: [
      ...new Set([
        ...variablesIn(name.replaceAll("$", EXPANSION)),
        // Options of the old target that are dropped need no value.
        ...rule.words.flatMap(({ text }) => variablesIn(text)),
        ...[target.group, target.prefix, target.size, target.threshold]
          .flatMap((text) => variablesIn(text ?? "")),
      ]),
    ],
  };
  result.notes.push(...prefixNotes(target.prefix ?? "", rule.program, prefixMax(rule, name)));
  if (rule.action === "other") {
    byHand.push("the command (nft deletes and replaces by handle: see nft -a list ruleset)");
  }
  if (rule.program === "ebtables" && target.size !== undefined) {
    result.notes.push("the kernel ignores the size of ebtables, but applies nft's snaplen");
  }
  const where = byHand.length === 0
    ? ruleExpression(expressions.join(" "), FAMILIES[rule.program])
    : undefined;
  if (where !== undefined) result.where = where;
  if (byHand.length === 0) {
    result.nft = within + nftRule(rule, target, expressions, comment, result.notes);
  }
  return result;
}

/** Returns the longest prefix of a program: iptables-nft makes nft's own rule, others a target. */
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

/** Returns the words of NFLOG for a rule. */
function nflogWords(rule: Rule, target: LogTarget, name: string): string[] {
  const { group, prefix, size, threshold } = target;
  const isBridge = rule.program === "ebtables";
  return [
    ...isBridge ? [] : ["-j", "NFLOG"],
    "--nflog-group",
    group,
    ...prefix === undefined ? [] : ["--nflog-prefix", cutTo(prefix, prefixMax(rule, name))],
    ...size === undefined ? [] : [isBridge ? "--nflog-range" : "--nflog-size", size],
    ...threshold === undefined ? [] : ["--nflog-threshold", threshold],
  ].map(quoted);
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

/** Returns the verdict of an ebtables rule, which logs before its target. */
function nftVerdict(target: string | undefined): string {
  return target === undefined || target === "CONTINUE" ? "" : target.toLowerCase();
}

/** Quotes text for nft, whose quotes have no escapes. */
function nftString(what: string, text: string | undefined, most: number, notes: string[]): string {
  if (text === undefined) return "";
  let result = text.replaceAll('"', "'");
  if (result !== text) notes.push(`nft has no " inside of quotes: ${what} has ' there`);
  // In quotes, $ begins one of nft's own variables.
  const withoutDollar = result.replaceAll("$", "_");
  if (withoutDollar !== result) notes.push(`nft takes $ for its own: ${what} has _ there`);
  result = cutTo(withoutDollar, most);
  if (result !== withoutDollar) notes.push(`nft takes ${most} bytes: ${what} is cut`);
  return result;
}
