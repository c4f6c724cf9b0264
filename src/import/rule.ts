/** Parses the words of a firewall rule: iptables(8), ip6tables(8), ebtables(8). */

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
import { isUnknown } from "./words.ts";

export type { Action } from "./rule_options.ts";

/** Programs whose rules are supported. */
export type Program = "iptables" | "ip6tables" | "ebtables";

/** One match. */
export interface Match {
  /** Long name of the option, such as `source`. */
  option: string;
  /** The last module of `-m`, such as `conntrack`; empty for none. */
  module: string;
  /** Whether it is negated by `!`. */
  negated: boolean;
  values: readonly string[];
}

/** A rule. */
export interface Rule {
  program: Program;
  /** The table, such as `filter`. */
  table: string;
  /** Its effect on the chain. */
  action: Action;
  /** The chain, such as `OUTPUT`. */
  chain: string;
  /** Position of `-I`, from 1; absent for the beginning. */
  position?: number;
  /** Its matches, in order. */
  matches: Match[];
  /** Unknown options, such as `-m string` and `--algo`. */
  unknown: string[];
  /** Target of `-j`; absent if there is none. */
  target?: string;
  /** Options of the logging target by name, such as `ulog-prefix`; a switch has an empty text. */
  log: Map<string, string>;
  /** All other words, with {@linkcode LOG_HERE} in place of the logging target. */
  words: Word[];
}

/** Marks the position of the logging target among the words. */
export const LOG_HERE: Word = { text: "", raw: "" };

/**
 * Parses a rule.
 *
 * @param program The rule's program.
 * @param words The words after it.
 * @param table Default table.
 * @returns The rule; undefined if the words do not add, insert, delete or check one.
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
  /** Whether the place of the logging target is among the words. */
  #isMarked = false;

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
    // Alone it means three packets an hour.
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
      // After an unknown option it may be its value.
      if (word.text.startsWith("-")) rule.unknown.push(word.text);
      else if (rule.unknown.length === 0 || isUnknown(word)) rule.unknown.push(word.text);
    }
  }

  /** Keeps an option and its values among the words, with the `!` before it. */
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
    // Syntax before iptables 1.4.3: -s ! 10.0.0.0/8
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
    if (!this.#isMarked) words.push(LOG_HERE);
    this.#isMarked = true;
  }
}

/** Returns whether a target of iptables logs packets. */
export function isLogTarget(target: string | undefined): boolean {
  return target === "ULOG" || target === "LOG" || target === "NFLOG";
}

/** Splits `--dport=22` into `--dport 22`, `-jLOG` into `-j LOG`. */
function apart(word: Word): Word[] {
  const [, name, equals, value] = /^(--[\w-]+)(=)(.*)$/s.exec(word.text) ??
    /^(-[ADICRpsdiojgtmcwW])()([^-].*)$/s.exec(word.text) ?? [];
  if (name === undefined || !word.raw.startsWith(name + equals)) return [word];
  const raw = word.raw.slice(name.length + equals!.length);
  return [{ text: name, raw: name }, { text: value!, raw }];
}
