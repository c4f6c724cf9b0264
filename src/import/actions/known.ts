/** Actions of prefixes, as firewall rules tell them: what becomes of a packet that they log. */

import { jsonLine } from "../../text/escape.ts";
import { isNftText } from "../nft_text.ts";
import { actionsIn, type KnownActions } from "./chain.ts";
import { nftChains } from "./nft_chains.ts";
import { savedChains } from "./saved_chains.ts";

export type { KnownActions } from "./chain.ts";

/**
 * Finds the actions of the prefixes that rules log with: the verdict of the same rule, or of the
 * first of those behind it that each logged packet must match, or a chain's policy to drop.
 *
 * @param text Output of `iptables-save`, rules of nft's, or anything else, which tells none.
 *
 * @example A chain that logs and drops
 * ```ts
 * import { knownActions } from "./known.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { actions } = knownActions(`*filter
 * -A LOGGING -j NFLOG --nflog-prefix "DROP in "
 * -A LOGGING -j DROP
 * `);
 * assertEquals([...actions], [["DROP in ", "drop"]]);
 * ```
 */
export function knownActions(text: string): KnownActions {
  return actionsIn(isNftText(text) ? nftChains(text) : savedChains(text));
}

/** Returns lines of the table `[actions]`, without its header. */
export function actionLines({ actions }: KnownActions): string[] {
  return [...actions].map(([prefix, action]) => `${jsonLine(prefix)} = ${jsonLine(action)}`);
}

/** Returns notes about prefixes that have no line, for comments. */
export function actionNotes({ ambiguous, wildcards }: KnownActions): string[] {
  return [
    ...ambiguous.map((prefix) =>
      `${jsonLine(prefix)} is the prefix of rules with different verdicts`
    ),
    ...wildcards.map((prefix) =>
      `${jsonLine(prefix)} has * or ?, which stand for other characters here; ` +
      "give the rule another prefix"
    ),
  ];
}
