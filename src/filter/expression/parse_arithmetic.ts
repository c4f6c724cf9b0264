/** Parses arithmetic: constants, bytes of headers, the length, and operators. */

import { quoted } from "./error.ts";
import { ETHER_TYPES, IPV4_LAYERS, isNetwork } from "./protocols.ts";
import type { Arithmetic, Comparison, Layer, Operator } from "./syntax.ts";
import type { Tokens } from "./tokens.ts";
import { LINK_WORDS, PROTOCOL_WORDS } from "./words.ts";

/**
 * Binding of operators to what stands left and right of them. Those of `%` and `^` are
 * libpcap's: they take all that follows as their right side.
 */
const BINDING: Readonly<Record<Operator, readonly [left: number, right: number]>> = {
  "|": [1, 2],
  "&": [3, 4],
  "<<": [5, 6],
  ">>": [5, 6],
  "+": [7, 8],
  "-": [7, 8],
  "*": [9, 10],
  "/": [9, 10],
  "%": [12, 0],
  "^": [12, 0],
};
/** Binding of a sign. */
const SIGN = 11;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "==": "=",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** Returns whether arithmetic begins at the current token; parentheses may begin either. */
export function beginsArithmetic(tokens: Tokens): boolean {
  const { token } = tokens;
  if (token.kind === "number" || tokens.isSymbol("-") || tokens.isWord("len", "length")) {
    return true;
  }
  return token.kind === "word" && PROTOCOL_WORDS.has(token.text) && tokens.isFollowedBy("[");
}

/** Consumes a comparison; undefined if there is none. */
export function takeComparison(tokens: Tokens): Comparison | undefined {
  const { token } = tokens;
  const comparison = token.kind === "symbol" ? COMPARISONS[token.text] : undefined;
  if (comparison !== undefined) tokens.take();
  return comparison;
}

/**
 * Parses operators and their right sides.
 *
 * @param left Left side, which was parsed.
 * @param least Operators that bind less are left for the caller.
 */
export function parseOperators(tokens: Tokens, left: Arithmetic, least = 0): Arithmetic {
  for (;;) {
    const { token } = tokens;
    const operator = token.text as Operator;
    const binding = token.kind === "symbol" ? BINDING[operator] : undefined;
    if (binding === undefined || binding[0] < least) return left;
    tokens.take();
    tokens.enter();
    const { token: first } = tokens;
    const right = parseArithmetic(tokens, binding[1]);
    tokens.leave();
    if (right.kind === "constant") {
      if (right.value === 0 && (operator === "/" || operator === "%")) {
        throw tokens.error(first, "a division by zero has no result");
      }
      if (right.value > 31 && (operator === "<<" || operator === ">>")) {
        throw tokens.error(first, "a number of 32 bits is shifted by 31 bits at the most");
      }
    }
    left = { kind: "binary", operator, left, right };
  }
}

/** Parses arithmetic that must come. */
export function parseArithmetic(tokens: Tokens, least = 0): Arithmetic {
  return parseOperators(tokens, parseOperand(tokens), least);
}

/** Parses an operand. */
export function parseOperand(tokens: Tokens): Arithmetic {
  const { token } = tokens;
  if (token.kind === "number") return { kind: "constant", value: tokens.take().value };
  if (tokens.isWord("len", "length")) {
    tokens.take();
    return { kind: "length" };
  }
  if (tokens.isSymbol("-", "(")) {
    tokens.enter();
    tokens.take();
    let inside: Arithmetic;
    if (token.text === "(") {
      inside = parseArithmetic(tokens);
      tokens.expectSymbol(")", "");
    } else {
      inside = { kind: "negate", operand: parseArithmetic(tokens, SIGN) };
    }
    tokens.leave();
    return inside;
  }
  if (token.kind === "word" && tokens.isFollowedBy("[")) return parseLoad(tokens);
  throw tokens.unexpected("a number, len or bytes such as tcp[13] are needed");
}

/** Parses `tcp[13]` and `ip[6:2]`. */
function parseLoad(tokens: Tokens): Arithmetic {
  const token = tokens.take();
  const layer = layerOf(token.text);
  if (layer === undefined) {
    throw tokens.error(token, `bytes of ${quoted(token.text)} cannot be read`);
  }
  tokens.expectSymbol("[", "");
  tokens.enter();
  const index = parseArithmetic(tokens);
  tokens.leave();
  let size: 1 | 2 | 4 = 1;
  if (tokens.takeSymbol(":")) {
    const number = tokens.expectNumber("the size of a field");
    const { value } = number;
    if (value !== 1 && value !== 2 && value !== 4) {
      throw tokens.error(number, `a field has 1, 2 or 4 bytes, not ${value}`);
    }
    size = value;
  }
  tokens.expectSymbol("]", " after the field's place");
  return { kind: "load", ...layer, index, size };
}

function layerOf(word: string): { layer: Layer; etherType?: number } | undefined {
  if (LINK_WORDS.has(word)) return { layer: "ether" };
  if (word === "icmp6" || isNetwork(word) || Object.hasOwn(IPV4_LAYERS, word)) {
    return { layer: word as Layer };
  }
  if (word !== "aarp" && Object.hasOwn(ETHER_TYPES, word)) {
    return { layer: "network", etherType: ETHER_TYPES[word]! };
  }
  return undefined;
}
