/** Terms of expressions for values of records, and expressions with one more of them. Pure. */

import { parseExpression } from "../../../filter/expression/parser.ts";

/** Names that need no quotes after `in` or `prefix`. */
const PLAIN = /^[\w][\w.-]*$/;
/** Words that mean something else than a name where one is expected. */
const RESERVED = /^(?:and|or|not)$/;

/** Writes a name so that it stands for itself: nothing in it is a wildcard. */
export function quotedName(name: string): string {
  if (PLAIN.test(name) && !RESERVED.test(name)) return name;
  return `"${name.replaceAll(/["\\*?]/g, "\\$&")}"`;
}

/** Returns the term for an end of a record. */
export function addressTerm(side: "src" | "dst" | "", address: string): string {
  return address.includes(":") && /^([\da-f]{1,2}:){5}[\da-f]{1,2}$/i.test(address)
    ? join("ether", side, "host", address)
    : join(side, "host", address);
}

/** Returns the term for a port. */
export function portTerm(side: "src" | "dst" | "", port: number | string): string {
  return join(side, "port", String(port));
}

/** Returns the term for a protocol by its name or number; undefined where the language has none. */
export function protocolTerm(protocol: string | number): string | undefined {
  const name = String(protocol).toLowerCase().replace(/^icmpv6$/, "icmp6");
  return [name, `proto ${name}`, `ip proto \\${name}`].find(isExpression);
}

/** Returns the term for a name, as of a prefix or an interface. */
export function nameTerm(word: "prefix" | "in" | "out" | "capture", name: string): string {
  return `${word} ${quotedName(name)}`;
}

/**
 * Adds a term to an expression, or excludes its records. What it says already stays as it is; its
 * contrary is replaced.
 */
export function withTerm(expression: string, term: string, isExcluded: boolean): string {
  const single = / (?:and|or) /.test(term) ? `(${term})` : term;
  const wanted = isExcluded ? `not ${single}` : single;
  const contrary = isExcluded ? single : `not ${single}`;
  // `and` and `or` have the same precedence: only what `and` joins can be taken apart.
  const parts = hasOr(expression) ? [expression] : split(expression);
  if (parts.includes(wanted)) return expression;
  return [...parts.filter((part) => part !== contrary && part !== ""), wanted].join(" and ");
}

/** Returns whether a text is an expression. */
export function isExpression(text: string): boolean {
  try {
    parseExpression(text);
    return true;
  } catch {
    return false;
  }
}

/** Splits an expression at `and`, but not in quotes or parentheses. */
function split(expression: string): string[] {
  return pieces(expression.trim(), /^\s+and\s+/);
}

function hasOr(expression: string): boolean {
  return pieces(expression, /^(?:\s+or\s+|\s*\|\|\s*)/).length > 1;
}

function pieces(expression: string, joint: RegExp): string[] {
  const found: string[] = [];
  let [depth, quote, from] = [0, "", 0];
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at]!;
    if (character === "\\") at++;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (depth === 0) {
      const [gap] = joint.exec(expression.slice(at, at + 20)) ?? [];
      if (gap === undefined) continue;
      found.push(expression.slice(from, at));
      at += gap.length - 1;
      from = at + 1;
    }
  }
  return [...found, expression.slice(from)];
}

function join(...words: string[]): string {
  return words.filter((word) => word !== "").join(" ");
}
