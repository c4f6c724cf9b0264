/** `[actions]`: what rules do with the packets that they log, by prefix. */

import type { ConfigProblem } from "../errors.ts";
import { type Action, type ActionPatterns, ACTIONS } from "../packet/actions.ts";
import { isTable, suggestion } from "../schema.ts";

/** Longest prefix of a rule in bytes (`NF_LOG_PREFIXLEN`, linux/netfilter/nf_log.h), its NUL left out. */
const PREFIX_MAX = 127;

/**
 * Checks the actions.
 *
 * @param value Value of the key `actions`.
 * @param problems Receives what is wrong.
 * @returns Actions by patterns of prefixes.
 */
export function checkActions(value: unknown, problems: ConfigProblem[]): ActionPatterns {
  if (value === undefined) return {};
  if (!isTable(value)) {
    problems.push({ key: "actions", message: "must be a table: write [actions]" });
    return {};
  }
  const patterns: [string, Action][] = [];
  for (const [pattern, action] of Object.entries(value)) {
    const key = `actions.${JSON.stringify(pattern)}`;
    if (new TextEncoder().encode(pattern).length > PREFIX_MAX) {
      problems.push({ key, message: `matches no prefix: these have at most ${PREFIX_MAX} bytes` });
    } else if (isAction(action)) {
      patterns.push([pattern, action]);
    } else {
      const words = ACTIONS.map((word) => `"${word}"`).join(" or ");
      const hint = typeof action === "string" ? suggestion(action, ACTIONS) : "";
      problems.push({
        key,
        message: `must be ${words}, not ${JSON.stringify(action)}${
          hint.startsWith("; did") ? hint : ""
        }`,
      });
    }
  }
  return Object.fromEntries(patterns);
}

function isAction(value: unknown): value is Action {
  return (ACTIONS as readonly unknown[]).includes(value);
}
