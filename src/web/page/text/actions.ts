/** Actions of rules, which stores do not have: the prefixes of rules name them. */

import { parseExpression } from "../../../filter/expression/parser.ts";
import { primitivesOf } from "../../../filter/expression/syntax.ts";
import {
  type Action,
  type ActionPatterns,
  ACTIONS,
  ActionTable,
  byPrecision,
} from "../../../packet/actions.ts";
import type { Row, ServerState } from "../api/types.ts";

const ENCODER = new TextEncoder();
/** Expression that chooses nothing. */
const NOTHING = '(prefix "*" and not prefix "*")';

let patterns: ActionPatterns = {};
let table = new ActionTable();
const known = new Map<string, Action | undefined>();

/** Takes the actions of prefixes. */
export function setActions(given: ServerState["actions"]): void {
  patterns = Object.fromEntries(given);
  table = new ActionTable(patterns);
  known.clear();
}

/** Returns the action of a row's rule; undefined if none is known. */
export function actionOf(row: Row): Action | undefined {
  if (row.type !== "packet") return undefined;
  if (row.action !== undefined) return row.action;
  const { prefix = "" } = row;
  if (!known.has(prefix)) {
    const bytes = ENCODER.encode(prefix);
    const place = table.find({ bytes, prefixOffset: 0, prefixLength: bytes.length });
    known.set(prefix, ACTIONS[place]);
  }
  return known.get(prefix);
}

/** Returns an expression with conditions about prefixes in place of those about actions. */
export function withoutActions(where: string): string {
  if (!where.includes("action")) return where;
  try {
    const places = [...primitivesOf(parseExpression(where))]
      .filter((condition) => condition.kind === "choice" && condition.field === "action");
    let text = where;
    for (const condition of places.reverse()) {
      if (condition.kind !== "choice") continue;
      const { start, end } = condition.span;
      text = text.slice(0, start) + prefixesOf(condition.choice) + text.slice(end);
    }
    return text;
  } catch {
    // The server says what is wrong with it.
    return where;
  }
}

/** Writes the prefixes of an action; a more precise pattern takes prefixes from a less precise one. */
function prefixesOf(action: string): string {
  let text = "";
  for (const [pattern, of] of byPrecision(patterns).reverse()) {
    const prefix = `prefix "${pattern.replaceAll(/["\\]/g, "\\$&")}"`;
    // `and` and `or` bind from left to right.
    if (of === action) text += text === "" ? prefix : ` or ${prefix}`;
    else if (text !== "") text += ` and not ${prefix}`;
  }
  return text === "" ? NOTHING : `(${text})`;
}
