/** Converts nft rules that log to the kernel's log into rules for NFLOG. */

import { lostLevel, numberOf, optionNotes, RuleError } from "./log_target.ts";
import { type NftRule, nftRulesOf } from "./nft_text.ts";
import type { Token } from "./nft_token.ts";
import { requirePrintable } from "./printable.ts";
import { ruleExpression } from "./rule_expression.ts";
import { argumentMessage, COMMAND_INSIDE, unknownMessage } from "./unknown.ts";
import type { Translated, Translation } from "./translation.ts";
import { EXPANSION, hasArguments, inQuotes, isUnknown, runsCommand, variablesIn } from "./words.ts";

/** Arguments of `log` that take a value. */
const ARGUMENTS = ["prefix", "group", "snaplen", "queue-threshold", "level", "flags"];
/** `log flags` as options of the LOG target: `all` is each of them. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  "tcp sequence": ["tcp-sequence"],
  "tcp options": ["tcp-options"],
  "ip options": ["ip-options"],
  "skuid": ["uid"],
  "ether": ["macdecode"],
  "all": ["tcp-sequence", "tcp-options", "ip-options", "uid", "macdecode"],
};

/**
 * Converts rules, and adds them to the result.
 *
 * @param result The rules so far.
 * @param text Text for {@linkcode nftRulesOf}.
 * @param group The group for rules without one.
 * @param firstLine Number of its first line.
 * @param within Beginning of the commands, such as `ip netns exec blue `.
 */
export function addNft(
  result: Translated,
  text: string,
  group: number,
  firstLine = 1,
  within = "",
): void {
  const { rules, problems } = nftRulesOf(text, firstLine);
  for (const problem of problems) result.problems.push(problem);
  for (const rule of rules) {
    if (rule.isListed && isOfChain(rule.tokens)) continue;
    try {
      const translation = translated(rule, group, within);
      if (translation === undefined) result.others++;
      else result.rules.push(translation);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      result.problems.push({ line: rule.line, message: error.message });
    }
  }
}

function translated(rule: NftRule, group: number, within: string): Translation | undefined {
  const { tokens, verb, place, line, isListed, handle } = rule;
  if (tokens.some(({ text }) => text === "xt") || /\b(?:NF|U)?LOG\s+level\b/.test(textOf(tokens))) {
    if (!/\b(?:NF|U)?LOG\b/.test(textOf(tokens))) return undefined;
    throw new RuleError(
      "iptables-nft made this rule, which nft cannot express; " +
        "give what iptables-save prints instead",
    );
  }
  const notes: string[] = [];
  const made: string[] = [];
  let found = false;
  for (let at = 0, depth = 0; at < tokens.length;) {
    const { text } = tokens[at]!;
    if (text === "{") depth++;
    if (text === "}") depth--;
    const isLog = text === "log" && !/^(?:jump|goto)$/.test(tokens[at - 1]?.text ?? "");
    if (!isLog || depth > 0) {
      if (isLog) throw new RuleError("this log stands in a chain without a name; name the chain");
      made.push(text);
      at++;
      continue;
    }
    found = true;
    const statement = logStatement(tokens, at + 1, group);
    made.push(statement.text);
    notes.push(...statement.notes);
    at = statement.end;
  }
  if (!found) {
    requireOther(rule);
    return undefined;
  }
  const text = joined(made);
  requireKnown([place, ...made]);
  const isUnchanged = isListed && text === textOf(tokens);
  const where = ruleExpression(text, place.split(" ")[0]!);
  const command = isListed && handle !== undefined ? `${place} handle ${handle}` : place;
  if (isListed && handle === undefined && !isUnchanged) {
    notes.push(
      "it is added behind the chain's other rules; in the file, change the line itself to:",
      `  ${text}`,
    );
  }
  return {
    line,
    program: "nft",
    chain: [],
    byHand: [],
    needs: variablesIn(`${within} ${command} ${text}`),
    from: `${isListed ? `${place}: ` : `${verb} rule ${place} `}${textOf(tokens)}`,
    nft: `${within}nft ${inQuotes(`${verb} rule ${command} ${text}`)}`,
    notes,
    ...isUnchanged && { isUnchanged },
    ...where !== undefined && { where },
  };
}

/** Words of nft that a value follows, and no statement. */
const BEFORE_VALUE =
  /^(?:[sd](?:addr|port)|[io]if(?:name|group|type)?|i?br(?:name)?|mark|(?:l4)?proto(?:col)?|nfproto|nexthdr|state|status|rate|over|burst|to|jump|goto|type|code|flags|comment|sku?id|skgid|id|vlan|length|priority|dscp|ttl|hoplimit|cpu|group|level|prefix|handle|position|index|name|helper|zone|day|hour|time|[=!<>&|^+-]+|[{(]|[^"']*,|@.*)$/;

/** Requires that a rule without a `log` statement cannot get one when the script runs. */
function requireOther({ tokens, place }: NftRule): void {
  const open = tokens.filter((token, at) =>
    /^[\uE000\uE001]/.test(token.text) && !BEFORE_VALUE.test(tokens[at - 1]?.text ?? "")
  );
  const isOpenPlace = tokens.length === 0 && isUnknown({ text: place });
  if (open.length === 0 && !isOpenPlace) return;
  const shown = isOpenPlace ? place : open.map(({ text }) => text).join(", ");
  throw new RuleError(
    unknownMessage(shown.replaceAll(EXPANSION, "$").replaceAll(/\uE001/g, "$(…)")),
  );
}

/** Requires that a rule can be loaded by itself. */
function requireKnown(words: readonly string[]): void {
  for (const text of words) {
    if (runsCommand({ text })) throw new RuleError(COMMAND_INSIDE);
    if (hasArguments({ text })) throw new RuleError(argumentMessage({ text }));
    requirePrintable(text);
    const [variable] = /^["']/.test(text) ? [] : /\$[A-Za-z_][\w/.]*/.exec(text) ?? [];
    if (variable !== undefined) {
      throw new RuleError(
        `nothing here defines ${variable}, a variable of nft's; write its value in its place`,
      );
    }
  }
}

/** Returns whether a statement in a chain describes the chain and is not a rule. */
function isOfChain(tokens: readonly Token[]): boolean {
  return /^(?:type|policy|comment|flags|devices?)$/.test(tokens[0]?.text ?? "");
}

/** Parses a logging statement after its `log`. */
function logStatement(
  tokens: readonly Token[],
  start: number,
  group: number,
): { text: string; notes: string[]; end: number } {
  const values = new Map<string, string>();
  const options: string[] = [];
  let at = start;
  while (ARGUMENTS.includes(tokens[at]?.text ?? "")) {
    const name = tokens[at++]!.text;
    if (name === "flags") {
      const flags = flagsAt(tokens, at);
      options.push(...flags.options);
      at = flags.end;
    } else values.set(name, tokens[at++]?.text ?? "");
  }
  const level = values.get("level");
  if (level === "audit") {
    throw new RuleError("log level audit writes to the audit log, which NFLOG has no part in");
  }
  const lost = level === undefined ? [] : [lostLevel("level", level)];
  const own = values.get("group");
  if (own !== undefined && /^\d/.test(own)) numberOf("group", own, 0, 65535);
  const prefix = values.get("prefix")?.replaceAll("$", "_");
  if (prefix !== values.get("prefix")) {
    lost.push("nft takes $ for its own: the prefix has _ there");
  }
  const text = [
    "log",
    ...prefix === undefined ? [] : [`prefix ${prefix}`],
    `group ${own ?? group}`,
    ...["snaplen", "queue-threshold"].flatMap((name) =>
      values.has(name) ? [`${name} ${values.get(name)}`] : []
    ),
  ].join(" ");
  return { text, notes: [...lost, ...optionNotes(options)], end: at };
}

/** Parses `flags tcp sequence,options`, `flags all` and the like. */
function flagsAt(tokens: readonly Token[], start: number): { options: string[]; end: number } {
  const first = tokens[start]?.text ?? "";
  if (first !== "tcp" && first !== "ip") {
    return { options: [...FLAGS[first] ?? []], end: start + 1 };
  }
  let at = start + 1;
  let list = tokens[at++]?.text ?? "";
  while (list.endsWith(",") || tokens[at]?.text.startsWith(",")) list += tokens[at++]?.text ?? "";
  const options = list.split(",").flatMap((word) => FLAGS[`${first} ${word}`] ?? []);
  return { options, end: at };
}

function textOf(tokens: readonly Token[]): string {
  return joined(tokens.map(({ text }) => text));
}

function joined(words: readonly string[]): string {
  return words.map((word, at) => word === ";" || at === 0 ? word : ` ${word}`).join("");
}
