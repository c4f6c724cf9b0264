/**
 * A firewall rule's words, taken apart: iptables(8), ip6tables(8), ebtables(8).
 *
 * @module
 */

import {
  type Action,
  ACTIONS,
  logOptionNamed,
  MATCH_BY_NAME,
  MODULES,
  NOISE,
  SWITCHES,
} from "./rule_options.ts";
import type { Word } from "./shell.ts";

export type { Action } from "./rule_options.ts";

/** The programs whose rules are understood. */
export type Program = "iptables" | "ip6tables" | "ebtables";

/** One match. */
export interface Match {
  /** The option's long name, as in `source`. */
  option: string;
  /** The module that `-m` named last, as in `conntrack`; empty for none. */
  module: string;
  /** Whether `!` stands before it. */
  negated: boolean;
  /** Its values. */
  values: readonly string[];
}

/** A rule. */
export interface Rule {
  /** The program. */
  program: Program;
  /** The table, as in `filter`. */
  table: string;
  /** What it does to its chain. */
  action: Action;
  /** The chain, as in `OUTPUT`. */
  chain: string;
  /** Where `-I` puts it, from 1 on; absent for the beginning. */
  position?: number;
  /** Its matches, in order. */
  matches: Match[];
  /** Options that are not known, as in `-m string` and `--algo`. */
  unknown: string[];
  /** What `-j` names; absent without it. */
  target?: string;
  /** Options of the logging target by name, as in `ulog-prefix`; a switch holds the empty text. */
  log: Map<string, string>;
  /** All other words, where {@linkcode LOG_HERE} stands for the logging target. */
  words: Word[];
}

/** Where the logging target stood among the words. */
export const LOG_HERE: Word = { text: "", raw: "" };

/**
 * Takes a rule apart.
 *
 * @param program The program that the rule is for.
 * @param words What follows it.
 * @param table The table of a rule that names none.
 * @returns The rule; undefined if the words add, insert, delete or check none.
 */
export function ruleOf(
  program: Program,
  words: readonly Word[],
  table = "filter",
): Rule | undefined {
  const parser = new RuleParser(program, words.flatMap(apart), table);
  return parser.rule();
}

class RuleParser {
  readonly #rule: Rule;
  readonly #left: Word[];
  #module = "";
  #negated = false;

  constructor(program: Program, words: readonly Word[], table: string) {
    this.#left = [...words];
    this.#rule = {
      program,
      table,
      action: "other",
      chain: "",
      matches: [],
      unknown: [],
      log: new Map(),
      words: [],
    };
  }

  rule(): Rule | undefined {
    for (let word = this.#left.shift(); word !== undefined; word = this.#left.shift()) {
      if (word.text === "!") this.#negated = true;
      else {
        this.#option(word);
        this.#negated = false;
      }
    }
    const { chain, matches, words, unknown } = this.#rule;
    const limited = words.some(({ text }, index) =>
      text === "limit" && words[index - 1]?.text === "-m"
    );
    // By itself it stands for three packets an hour.
    if (limited && !matches.some(({ option }) => option.startsWith("limit"))) {
      unknown.push("-m limit");
    }
    return chain === "" ? undefined : this.#rule;
  }

  #option(word: Word): void {
    const rule = this.#rule;
    const name = /^--?(.+)$/.exec(word.text)?.[1] ?? "";
    const match = word.text.startsWith("-") ? MATCH_BY_NAME.get(name) : undefined;
    if (/^--(ulog|nflog|log)(-|$)/.test(word.text)) return this.#logOption(name);
    if (/^(?:j|ju|jum|jump)$/.test(name) && word.text.startsWith("-")) return this.#jump(word);
    if (name === "t" || name === "table") {
      rule.table = this.#keep(word, 1)[0] ?? "";
    } else if (name === "m" || name === "match") {
      this.#module = this.#keep(word, 1)[0] ?? "";
      if (!MODULES.includes(this.#module)) rule.unknown.push(`-m ${this.#module}`);
    } else if (word.text.startsWith("-") && ACTIONS[name] !== undefined) {
      this.#action(word, ACTIONS[name]);
    } else if (name === "w" || name === "wait" || name === "W" || name === "wait-interval") {
      this.#keep(word, /^\d+$/.test(this.#left[0]?.text ?? "") ? 1 : 0);
    } else if (word.text.startsWith("-") && NOISE[name] !== undefined) {
      this.#keep(word, NOISE[name]);
    } else if (match !== undefined) {
      this.#match(word, match.option, match.values);
    } else {
      this.#keep(word, 0);
      // Behind an unknown option it may be its value.
      if (word.text.startsWith("-")) rule.unknown.push(word.text);
      else if (rule.unknown.length === 0) rule.unknown.push(word.raw);
    }
  }

  /** Keeps an option and its values among the words; `!` stands before it again. */
  #keep(word: Word, count: number): string[] {
    const values = this.#left.splice(0, count);
    if (this.#negated) this.#rule.words.push({ text: "!", raw: "!" });
    this.#rule.words.push(word, ...values);
    return values.map(({ text }) => text);
  }

  #action(word: Word, action: Action): void {
    const rule = this.#rule;
    rule.action = action;
    rule.chain = this.#keep(word, 1)[0] ?? "";
    const [next] = this.#left;
    if (next === undefined || !/^\d+$/.test(next.text)) return;
    rule.words.push(this.#left.shift()!);
    if (Number(next.text) > 1) rule.position = Number(next.text);
  }

  #match(word: Word, option: string, count: number): void {
    // As iptables before 1.4.3 had it: -s ! 10.0.0.0/8
    if (count > 0 && this.#left[0]?.text === "!") {
      this.#left.shift();
      this.#negated = true;
    }
    const negated = this.#negated;
    const values = this.#keep(word, count);
    this.#rule.matches.push({ option, module: this.#module, negated, values });
  }

  #jump(word: Word): void {
    const rule = this.#rule;
    const [target] = this.#left;
    rule.target = target?.text ?? "";
    if (rule.program === "ebtables" || !isLogTarget(rule.target)) {
      this.#keep(word, 1);
      return;
    }
    this.#left.shift();
    this.#markPlace();
  }

  #logOption(abbreviated: string): void {
    const { log, program } = this.#rule;
    const name = logOptionNamed(abbreviated);
    log.set(name, SWITCHES.includes(name) ? "" : this.#left.shift()?.text ?? "");
    if (program === "ebtables") this.#markPlace();
  }

  #markPlace(): void {
    const { words } = this.#rule;
    if (!words.includes(LOG_HERE)) words.push(LOG_HERE);
  }
}

/** Whether a target of iptables logs packets. */
export function isLogTarget(target: string | undefined): boolean {
  return target === "ULOG" || target === "LOG" || target === "NFLOG";
}

/**
 * `--dport=22` to `--dport 22`, `-jLOG` to `-j LOG`. A word whose option is in quotes is a value
 * that looks like one, as of a comment.
 */
function apart(word: Word): Word[] {
  const [, name, equals, value] = /^(--[\w-]+)(=)(.*)$/s.exec(word.text) ??
    /^(-[ADICRpsdiojgtmcwW])()([^-].*)$/s.exec(word.text) ?? [];
  if (name === undefined || !word.raw.startsWith(name + equals)) return [word];
  const raw = word.raw.slice(name.length + equals!.length);
  return [{ text: name, raw: name }, { text: value!, raw }];
}
