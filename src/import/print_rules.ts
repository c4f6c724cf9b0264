/** Prints translated rules: commands for a shell, with notes as comments. */

import { counted } from "../text/figures.ts";
import { comment } from "./comment.ts";
import type { Translated, Translation } from "./translate.ts";

/** Programs for which rules are printed. */
export type RuleForm = "iptables" | "nft";

/**
 * Prints rules.
 *
 * @param translated The rules.
 * @param form Only this form; both if absent.
 * @returns Lines that a shell accepts, except for both forms at once, which would log every packet
 *   twice.
 */
export function printRules({ rules, others }: Translated, form?: RuleForm): string {
  const blocks = rules.map((rule) => [comment(rule.from), ...body(rule, form)]);
  const chains = form === "iptables" ? [] : chainComment(rules);
  const rest = others === 0
    ? []
    : [[`# Skipped, because they do not log: ${counted(others, "rule")}`]];
  return [...neededBy(rules), ...chains, ...blocks, ...rest].map((lines) => lines.join("\n")).join(
    "\n\n",
  );
}

/**
 * Names variables that only the script knows, and stops a shell that does not: without a value, a
 * rule could match more than it did.
 */
function neededBy(rules: readonly Translation[]): string[][] {
  const names = [...new Set(rules.flatMap(({ needs }) => needs))];
  if (names.length === 0) return [];
  return [[
    comment(
      `Only the script knows ${names.map((name) => `$${name}`).join(", ")}: put the rules with ` +
        "them into it. Elsewhere a shell stops here:",
    ),
    `: ${names.map((name) => `"\${${name}?}"`).join(" ")}`,
  ]];
}

function body(rule: Translation, form: RuleForm | undefined): string[] {
  return [
    ...rule.notes.map(comment),
    ...form === "nft" ? [] : iptablesLines(rule, form),
    ...form === "iptables" ? [] : nftLines(rule),
    ...rule.where === undefined ? [] : [comment(`where: ${rule.where}`)],
  ];
}

const UNCHANGED = comment("It logs to this group already: leave it as it is.");

function iptablesLines(
  { iptables, isUnchanged }: Translation,
  form: RuleForm | undefined,
): string[] {
  if (iptables !== undefined && isUnchanged === true) return [UNCHANGED];
  if (iptables !== undefined) return [iptables];
  return form === undefined ? [] : [comment("A rule of nft has no form for iptables.")];
}

function nftLines(
  { nft, byHand, arguments: words, program, isUnchanged }: Translation,
): string[] {
  if (program === "nft" && isUnchanged === true) return [UNCHANGED];
  if (nft !== undefined) return [nft];
  return [
    comment(`For nft, translate by hand: ${[...new Set(byHand)].join(", ")}. This may help:`),
    comment(`  ${program}-translate ${words}`),
  ];
}

/** Explains that nft has no built-in chains. */
function chainComment(rules: readonly Translation[]): string[][] {
  const commands = new Set(rules.flatMap(({ nft, chain }) => nft === undefined ? [] : chain));
  if (commands.size === 0) return [];
  return [[
    "# The chains are those of iptables-nft. Where nft has none of that name yet:",
    ...[...commands].map((command) => comment(`  ${command}`)),
  ]];
}
