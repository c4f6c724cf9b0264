/** Follows a packet that a rule has logged through the rest of the chain. */

import type { Action } from "../../packet/actions.ts";
import { bytes } from "../log_target.ts";

/** Longest prefix in bytes (`NF_LOG_PREFIXLEN`, linux/netfilter/nf_log.h), its NUL left out. */
const PREFIX_MAX = 127;

/** End of a packet's way through a chain; `other` where the rules of the chain do not tell. */
export type Verdict = Exclude<Action, "log"> | "other";

/** A rule of a chain. */
export interface ChainRule {
  /** NFLOG groups that it logs to. */
  groups: readonly number[];
  /** Its prefix, if it logs with one. */
  prefix?: string;
  /** Conditions that a packet must meet, all of them, each in one form of writing. */
  conditions: readonly string[];
  /** Whether a packet that meets the conditions may not match nevertheless, as with a rate. */
  isOpaque: boolean;
  /** Whether it may change what later conditions ask for, such as the mark. */
  changes: boolean;
  /** Its verdict on packets that match; undefined if they go on to the next rule. */
  verdict?: Verdict;
}

/** A chain. */
export interface Chain {
  /** Its rules, in order. */
  rules: ChainRule[];
  /** Verdict on packets that reach its end; undefined if another chain decides. */
  policy?: Verdict;
}

/** Actions by prefix, as far as rules tell them. */
export interface KnownActions {
  /** Actions of prefixes that mean one. */
  actions: Map<string, Action>;
  /** Prefixes that stand for different actions. */
  ambiguous: string[];
  /** Prefixes with `*` or `?`, which as patterns would stand for others, too. */
  wildcards: string[];
  /** NFLOG groups that rules log to, in ascending order. */
  groups: number[];
}

/** Returns the actions of all prefixes in some chains. */
export function actionsIn(chains: Iterable<Chain>): KnownActions {
  const verdicts = new Map<string, Set<Verdict>>();
  const groups = new Set<number>();
  for (const { rules, policy } of chains) {
    /** The next rule that ends the way of packets that match. */
    let next: ChainRule = {
      groups: [],
      conditions: [],
      isOpaque: false,
      changes: false,
      verdict: policy ?? "other",
    };
    for (const rule of rules.toReversed()) {
      for (const group of rule.groups) groups.add(group);
      if (rule.verdict !== undefined) next = rule;
      else if (rule.changes && next.conditions.length > 0) next = { ...next, isOpaque: true };
      if (rule.prefix === undefined || rule.prefix === "" || bytes(rule.prefix) > PREFIX_MAX) {
        continue;
      }
      const known = verdicts.get(rule.prefix) ?? new Set();
      verdicts.set(rule.prefix, known.add(verdictOn(rule, next)));
    }
  }
  const actions = new Map<string, Action>();
  const ambiguous: string[] = [];
  const wildcards: string[] = [];
  // In the order of the rules.
  for (const [prefix, all] of [...verdicts].reverse()) {
    const [verdict] = all;
    if (all.size > 1) ambiguous.push(prefix);
    else if (verdict === undefined || verdict === "other") continue;
    else if (/[*?]/.test(prefix)) wildcards.push(prefix);
    else actions.set(prefix, verdict);
  }
  return { actions, ambiguous, wildcards, groups: [...groups].sort((a, b) => a - b) };
}

/** Returns the verdict on packets that a rule logs. */
function verdictOn(logged: ChainRule, next: ChainRule): Verdict {
  if (logged.verdict !== undefined) return logged.verdict;
  // Each packet that was logged matches a rule that asks for nothing more.
  const isCertain = !next.isOpaque &&
    next.conditions.every((condition) => logged.conditions.includes(condition));
  return isCertain ? next.verdict! : "other";
}
