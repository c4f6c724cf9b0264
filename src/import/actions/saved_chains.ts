/** Chains in the output of `iptables-save` and `ip6tables-save`. */

import { type Match, type Rule, ruleOf } from "../rule.ts";
import { savedWordsOf } from "../shell_text.ts";
import type { Chain, ChainRule, Verdict } from "./chain.ts";

const TABLE = /^\*(\w+)\s*$/;
/** `:INPUT DROP [0:0]` */
const POLICY = /^:(\S+) (\S+)/;
const RULE = /^(?:\[\d+:\d+\] )?-A /;

/**
 * Targets after which a packet goes on to the next rule (iptables-extensions(8)): those that leave it
 * as it is, and those that change it, its mark or what is known of its sender.
 */
const WATCHING = /^(?:(?:NF|U)?LOG|TRACE|AUDIT|TEE|IDLETIMER|LED|RATEEST)$/;
const CHANGING =
  /^(?:MARK|CONNMARK|CT|NOTRACK|SET|TCPMSS|TOS|DSCP|TTL|HL|CLASSIFY|CHECKSUM|CONNSECMARK|SECMARK)$/;
const VERDICTS: Readonly<Record<string, Verdict>> = {
  DROP: "drop",
  REJECT: "reject",
  ACCEPT: "accept",
};
/** Options of `REJECT`, with a value each. */
const REJECT_OPTIONS = ["--reject-with"];

/** Finds the chains of a text. */
export function savedChains(text: string): Chain[] {
  const all: Chain[] = [];
  let chains = new Map<string, Chain>();
  let table = "filter";
  const chainOf = (name: string) => {
    const known = chains.get(name) ?? { rules: [] };
    if (!chains.has(name)) all.push(known);
    chains.set(name, known);
    return known;
  };
  for (const line of text.split("\n").map((line) => line.trim())) {
    const begun = TABLE.exec(line)?.[1];
    const [, name, policy] = POLICY.exec(line) ?? [];
    if (begun !== undefined) {
      table = begun;
      chains = new Map();
    } else if (name !== undefined && policy === "DROP") chainOf(name).policy = "drop";
    else if (RULE.test(line)) {
      const rule = savedRule(line, table);
      if (rule !== undefined) chainOf(rule.chain).rules.push(chainRule(rule));
    }
  }
  return all;
}

function savedRule(line: string, table: string): Rule | undefined {
  const words = savedWordsOf(line.replace(/^\[\d+:\d+\] /, ""))
    .filter((word, at, all) =>
      !REJECT_OPTIONS.includes(word) && !REJECT_OPTIONS.includes(all[at - 1] ?? "")
    );
  return ruleOf("iptables", words.map((word) => ({ text: word, raw: word })), table);
}

function chainRule({ table, matches, unknown, target = "", log }: Rule): ChainRule {
  const prefix = log.get("nflog-prefix") ?? log.get("log-prefix") ?? log.get("ulog-prefix");
  // Without a target that is known there may be a -g.
  const changes = CHANGING.test(target);
  const isContinuing = target === "" ? unknown.length === 0 : changes || WATCHING.test(target);
  const verdict = isContinuing ? undefined : verdictOf(target, table);
  return {
    groups: groupsOf(target, log),
    // In a here-document a shell may fill it in.
    ...prefix !== undefined && !prefix.includes("$") && { prefix },
    conditions: matches.filter(({ option }) => option !== "comment").map(conditionOf),
    isOpaque: unknown.length > 0 || matches.some(({ option }) => option.startsWith("limit")),
    changes,
    ...verdict !== undefined && { verdict },
  };
}

/** Returns the group of an NFLOG target; text that a shell fills in is none. */
function groupsOf(target: string, log: Rule["log"]): number[] {
  if (target !== "NFLOG") return [];
  const group = log.get("nflog-group") ?? "0";
  return /^\d+$/.test(group) ? [Number(group)] : [];
}

/** Only the table `filter` accepts for good: another one lets later tables decide. */
function verdictOf(target: string, table: string): Verdict {
  const verdict = VERDICTS[target] ?? "other";
  return verdict === "accept" && table !== "filter" ? "other" : verdict;
}

function conditionOf({ option, negated, values }: Match): string {
  return `${negated ? "! " : ""}${option} ${values.join(" ")}`;
}
