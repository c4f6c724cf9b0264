/**
 * Translated rules as text: commands for a shell, and what there is to say about them as comments.
 *
 * @module
 */

import { comment } from "./comment.ts";
import type { Translated, Translation } from "./translate.ts";

/** Which programs rules are printed for. */
export type RuleForm = "iptables" | "nft";

/**
 * Prints rules.
 *
 * @param translated The rules.
 * @param form Only this form; both where it is absent.
 * @returns Lines that a shell takes, but for both forms at once, which would log every packet twice.
 */
export function printRules({ rules, others }: Translated, form?: RuleForm): string {
  const blocks = rules.map((rule) => [comment(rule.from), ...body(rule, form)]);
  const chains = form === "iptables" ? [] : chainComment(rules);
  const rest = others === 0 ? [] : [[`# Passed over, for they do not log: ${counted(others)}`]];
  return [...chains, ...blocks, ...rest].map((lines) => lines.join("\n")).join("\n\n");
}

function counted(rules: number): string {
  return rules === 1 ? "1 rule" : `${rules} rules`;
}

function body(rule: Translation, form: RuleForm | undefined): string[] {
  return [
    ...rule.notes.map(comment),
    ...form === "nft" ? [] : [rule.iptables],
    ...form === "iptables" ? [] : nftLines(rule),
  ];
}

function nftLines({ nft, byHand, iptables, program }: Translation): string[] {
  if (nft !== undefined) return [nft];
  const [, ...words] = iptables.split(" ");
  return [
    comment(`For nft, translate by hand: ${[...new Set(byHand)].join(", ")}. This may help:`),
    comment(`  ${program}-translate ${words.join(" ")}`),
  ];
}

/** nft has no chains of its own. */
function chainComment(rules: readonly Translation[]): string[][] {
  const commands = new Set(rules.flatMap(({ nft, chain }) => nft === undefined ? [] : chain));
  if (commands.size === 0) return [];
  return [[
    "# The chains are those of iptables-nft. Where nft has none of that name yet:",
    ...[...commands].map((command) => comment(`  ${command}`)),
  ]];
}
