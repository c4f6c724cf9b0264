/** Explains why text that seems to log was not parsed as a rule. */

import { isAction } from "./program.ts";
import { withoutReserved } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { EXPANSION, runsCommand } from "./words.ts";

/** Pattern of a target of iptables that logs, or an option of one. */
const LOGS =
  /(?:^|[\s"'=(])(?:-j|--ju?m?p?)(?:\s*|=)["'\\]*(?:NF|U)?LOG(?![\w-])|--(?:ulog|nflog)-[a-z]|--log-(?:prefix|tcp-|ip-opt|uid|macdecode)/;
/** Options of a logging target. */
const LOG_OPTIONS = /--(?:u|nf)?log-[a-z]/;

/** Commands of other programs that log, and advice. */
const OTHERS: readonly (readonly [isOne: (text: string) => boolean, message: string])[] = [
  [
    (text) => text.includes("-rich-rule") && /\blog\b/.test(text) && !/\bnflog\b/.test(text),
    'a rich rule of firewalld logs to the kernel\'s log; write nflog group="1" in the place of log, ' +
    "and leave level out",
  ],
  [
    (text) => /--set-log-denied[= ](?!off)/.test(text),
    "firewalld logs to the kernel's log what it refuses, and has no setting for NFLOG; " +
    "add a rule for it: nfscribe rules --help",
  ],
  [
    (text) => {
      const at = text.search(/(?:^|[\s/])ufw\b/);
      return at >= 0 && /\b(?:log|log-all|logging)\b(?!\s+off)/.test(text.slice(at + 1));
    },
    "ufw logs to the kernel's log only; change its rules with LOG in /etc/ufw, as in before.rules",
  ],
];

/** Pattern of a statement of nft that logs. */
const NFT_LOGS =
  /\blog\s+(?:prefix\s|group\s+\d|flags\s+(?:all|tcp|ip|skuid|ether)\b|level\s+(?:emerg|alert|crit|err|warn|notice|info|debug|audit)\b)/;
/** Patterns of a program, and of a target that the shell expands. */
const TABLES = /\b(?:ip6?|eb)tables\b/;
const OPEN_TARGET = /(?:^|[\s"'])(?:-j|--jump)[\s=]*["'\\]*[$`]/;
/** Pattern of an expansion by the shell. */
const OPEN = /[$`]/;
const NFT_VERDICT =
  /\b(?:accept|drop|reject|return|continue|jump|goto|queue|masquerade|redirect|[sd]nat|counter|set)\b/;
const NFT_RULE = /\b(?:add|insert|replace|create)\s+rule\s/;

/** Returns whether a text seems to log. */
export function seemsToLog(text: string): boolean {
  if (LOGS.test(text) || NFT_LOGS.test(text)) return true;
  if (TABLES.test(text) && (OPEN_TARGET.test(text) || lacksTarget(text))) return true;
  const at = text.search(NFT_RULE);
  if (at < 0) return false;
  const rule = text.slice(at);
  return /\slog(?![\w-])/.test(rule) || (OPEN.test(rule) && !NFT_VERDICT.test(rule));
}

/** Returns whether a rule can have a target only in an expansion by the shell. */
function lacksTarget(text: string): boolean {
  return OPEN.test(text) && /\s(?:-[AIR]|--append|--insert|--replace)/.test(text) &&
    !/\s(?:-[jg]|--jump|--goto)/.test(text);
}

/** Returns whether a text of rules names a target or a statement that logs. */
export function mentionsLog(text: string): boolean {
  return /\b(?:NF|U)?LOG\b|(?<![\w-])log\b|--(?:ulog|nflog|log)\b/.test(text);
}

/** Returns numbers of the lines that name a target or a statement that logs; comments do not count. */
export function loggingLines(text: string, firstLine = 1): number[] {
  return text.split("\n").flatMap((line, index) =>
    mentionsLog(line) && !/^\s*#/.test(line) ? [firstLine + index] : []
  );
}

/** Returns whether words hold a logging target, or a part of one. */
export function holdsLogging(words: readonly Word[]): boolean {
  const text = textOf(words);
  return seemsToLog(text) || LOG_OPTIONS.test(text);
}

/** Joins all words as written. */
export function textOf(words: readonly Word[]): string {
  return words.map(({ raw }) => raw).join(" ");
}

/**
 * Explains why a command that logs is not translated.
 *
 * @returns undefined if it does not seem to log.
 */
export function reasonOf(command: ShellCommand): string | undefined {
  const text = textOf(command.words);
  const other = OTHERS.find(([isOne]) => isOne(text));
  if (other !== undefined) return other[1];
  if (!seemsToLog(text)) return undefined;
  const words = withoutReserved(command.words);
  const first = words[0]!;
  if (words.some((word) => runsCommand(word) && seemsToLog(word.raw))) {
    return "the rule stands within a command substitution; give it as a line of its own";
  }
  if (first.text.includes(EXPANSION) && words.some(isAction)) {
    return `nothing here says which program ${first.raw} is; ` +
      "write iptables, ip6tables or ebtables in its place";
  }
  if (words.some(({ raw }) => /\s/.test(raw) && seemsToLog(raw))) {
    return `the rule stands in quotes behind ${first.raw}; give it as a line of its own`;
  }
  if (/^(?:echo|printf)$/.test(first.text)) {
    return `${first.raw} only prints this rule; give the rule by itself`;
  }
  if (words.some(isAction)) {
    return `nfscribe does not know ${first.raw}; ` +
      "give the rule as iptables, ip6tables or ebtables gets it";
  }
  return "it seems to log, and is no rule that is known; write it with its program, chain and target";
}
