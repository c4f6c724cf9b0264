/**
 * Parses expressions: the grammar of pcap-filter(7) as libpcap 1.10 has it, and netfilter's words.
 * `and` and `or` have the same precedence and bind from left to right, `not` binds to one
 * primitive, and a name or number without qualifiers has those of the one before.
 */

import { ExpressionError, quoted, suggestion } from "./error.ts";
import type { Token } from "./lexer.ts";
import {
  beginsArithmetic,
  parseArithmetic,
  parseOperand,
  parseOperators,
  takeComparison,
} from "./parse_arithmetic.ts";
import { parseId } from "./parse_id.ts";
import { parsePrimitive } from "./parse_primitive.ts";
import { parsePattern } from "./pattern.ts";
import type { Qualifiers } from "./qualifiers.ts";
import { SERVICES } from "./services.ts";
import type { Arithmetic, ChoiceField, Expression, Primitive, Span } from "./syntax.ts";
import { Tokens } from "./tokens.ts";
import { CHOICES, KEYWORDS, USEFUL_WORDS } from "./words.ts";

/** Part of an expression that may be arithmetic still: a comparison may follow. */
type Part =
  | { readonly expression: Expression }
  | { readonly arithmetic: Arithmetic; readonly span: Span; readonly token: Token };

/**
 * Parses an expression.
 *
 * @param text The expression.
 * @throws {ExpressionError} If it is none.
 */
export function parseExpression(text: string): Expression {
  const start = text.indexOf("\0");
  // No text of a record has it, and it would end the SQL of a condition.
  if (start >= 0) {
    const place = { start, end: start + 1 };
    throw new ExpressionError(text, place, `${quoted("\0")} cannot stand here: no text has it`);
  }
  return new Parser(text).parse();
}

class Parser {
  readonly #tokens: Tokens;
  /** Qualifiers that a name or number has if none stand before it. */
  #qualifiers: Qualifiers | undefined;

  constructor(text: string) {
    this.#tokens = new Tokens(text);
  }

  parse(): Expression {
    const tokens = this.#tokens;
    if (tokens.isAtEnd) {
      throw tokens.error(tokens.token, 'it is empty; write a condition, as in "tcp port 22"');
    }
    const expression = this.#expression(this.#part());
    if (tokens.isAtEnd) return expression;
    throw tokens.isSymbol(")")
      ? tokens.error(tokens.token, 'no "(" belongs to this ")"')
      : this.#needsJoin();
  }

  /** Parses what follows the first part of an expression. */
  #expression(first: Part): Expression {
    let left = this.#complete(first);
    for (let kind = this.#takeJoin(); kind !== undefined; kind = this.#takeJoin()) {
      const right = this.#complete(this.#part());
      const before = left.kind === kind ? left.operands : [left];
      left = { kind, operands: [...before, right] };
    }
    return left;
  }

  #takeJoin(): "and" | "or" | undefined {
    const tokens = this.#tokens;
    const kind = tokens.isWord("and") || tokens.isSymbol("&&")
      ? "and"
      : tokens.isWord("or") || tokens.isSymbol("||")
      ? "or"
      : undefined;
    if (kind !== undefined) tokens.take();
    return kind;
  }

  #isNot(): boolean {
    return this.#tokens.isWord("not") || this.#tokens.isSymbol("!");
  }

  /** Parses one operand of `and` and `or`. */
  #part(): Part {
    const tokens = this.#tokens;
    const { token } = tokens;
    if (this.#isNot()) {
      tokens.enter();
      tokens.take();
      const operand = this.#complete(this.#part());
      tokens.leave();
      return { expression: { kind: "not", operand } };
    }
    let part: Part;
    if (tokens.isSymbol("(")) {
      part = this.#parentheses();
      if ("expression" in part) return part;
    } else if (beginsArithmetic(tokens)) {
      const arithmetic = parseOperand(tokens);
      part = { arithmetic, span: { start: token.start, end: tokens.last }, token };
    } else {
      return { expression: this.#primitive() };
    }
    return this.#relation(part.arithmetic, part.span);
  }

  /** Parses parentheses, in which there is an expression or arithmetic. */
  #parentheses(): Part {
    const tokens = this.#tokens;
    const before = this.#qualifiers;
    tokens.enter();
    const open = tokens.take();
    const first = this.#part();
    let part: Part = first;
    if ("expression" in first || !tokens.isSymbol(")")) {
      part = { expression: this.#expression(first) };
      this.#qualifiers = before;
    }
    if (!tokens.isSymbol(")")) {
      throw tokens.isAtEnd ? tokens.error(open, 'no ")" belongs to this "("') : this.#needsJoin();
    }
    tokens.take();
    tokens.leave();
    return part;
  }

  /** Parses operators and a comparison after arithmetic. */
  #relation(first: Arithmetic, span: Span): Part {
    const tokens = this.#tokens;
    const left = parseOperators(tokens, first);
    const { token } = tokens;
    const comparison = takeComparison(tokens);
    if (comparison === undefined) {
      const end = left === first ? span.end : tokens.last;
      return { arithmetic: left, span: { start: span.start, end }, token };
    }
    const right = parseArithmetic(tokens);
    this.#qualifiers = undefined;
    const whole = { start: span.start, end: tokens.last };
    return { expression: { kind: "relation", comparison, left, right, span: whole } };
  }

  /** Returns the expression that a part is; a number alone has the qualifiers before it. */
  #complete(part: Part): Expression {
    if ("expression" in part) return part.expression;
    const tokens = this.#tokens;
    const { arithmetic, span, token } = part;
    if (arithmetic.kind !== "constant") {
      throw tokens.error(token, "a comparison such as != 0 is missing after arithmetic");
    }
    // As it was written: names may be digits, too.
    const text = tokens.text.slice(span.start, span.end);
    return this.#identified({ kind: "number", text, value: arithmetic.value, ...span });
  }

  /** Parses a primitive that begins with a word or is a name. */
  #primitive(): Expression {
    const tokens = this.#tokens;
    const { token } = tokens;
    if (token.kind === "word" && KEYWORDS.has(token.text)) {
      const { condition, qualifiers } = parsePrimitive(tokens);
      this.#qualifiers = qualifiers;
      if (condition === undefined) return this.#id(qualifiers!, token);
      return { ...condition, span: { start: token.start, end: tokens.last } };
    }
    if (token.kind === "end" || token.kind === "symbol") {
      throw tokens.unexpected("a condition is needed");
    }
    return this.#implied();
  }

  /** Parses a name or number without qualifiers. */
  #implied(): Expression {
    const tokens = this.#tokens;
    const { token } = tokens;
    if (this.#qualifiers === undefined) {
      throw tokens.error(
        token,
        token.kind === "word"
          ? `${quoted(token.text)} is not a word of expressions${
            suggestion(token.text, USEFUL_WORDS)
          }`
          : `${quoted(token.text)} needs words before it, such as host, net, port or prefix`,
      );
    }
    return this.#id(this.#qualifiers);
  }

  /**
   * Parses what qualifiers are about: a name or number, or several in parentheses.
   *
   * @param first First word of the qualifiers, if they stand before it.
   */
  #id(qualifiers: Qualifiers, first?: Token): Expression {
    const tokens = this.#tokens;
    if (this.#isNot()) {
      tokens.enter();
      tokens.take();
      const operand = this.#id(qualifiers);
      tokens.leave();
      return { kind: "not", operand };
    }
    if (!tokens.isSymbol("(")) {
      return this.#identified(this.#takeId(qualifiers), qualifiers, first);
    }
    tokens.enter();
    const open = tokens.take();
    let left = this.#id(qualifiers);
    for (let kind = this.#takeJoin(); kind !== undefined; kind = this.#takeJoin()) {
      const before: readonly Expression[] = left.kind === kind ? left.operands : [left];
      left = { kind, operands: [...before, this.#id(qualifiers)] };
    }
    if (!tokens.isSymbol(")")) {
      throw tokens.isAtEnd
        ? tokens.error(open, 'no ")" belongs to this "("')
        : tokens.unexpected('"and", "or" or ")" is needed');
    }
    tokens.take();
    tokens.leave();
    return left;
  }

  /** Consumes a name or number. */
  #takeId(qualifiers: Qualifiers): Token {
    const tokens = this.#tokens;
    if (qualifiers.of === "text" || qualifiers.of === "choice") {
      const name = tokens.takeName();
      if (name === undefined) throw tokens.unexpected(`"${qualifiers.field}" needs a name`);
      return name;
    }
    const { token } = tokens;
    if (qualifiers.of !== "packet") {
      const word = qualifiers.of === "number" ? qualifiers.field : qualifiers.of;
      // As in 1M or 5s: the lexer takes it for a name, or for none of its tokens.
      if (token.kind !== "number" && /^(?!0x)\d+(?:\.\d+)?[a-z]+$/i.test(token.text)) {
        throw tokens.error(
          token,
          `"${word}" needs a whole number; numbers have no suffix, as in 1000000`,
        );
      }
      if (token.kind === "word") {
        throw tokens.error(token, `"${word}" needs a number; names are never looked up`);
      }
      return COUNTERS.has(word)
        ? tokens.expectCount(`"${word}"`)
        : tokens.expectNumber(`"${word}"`);
    }
    const takesWords = qualifiers.what === "proto" || qualifiers.what === "protochain";
    const isService = qualifiers.what === "port" && SERVICES.has(token.text);
    const isKeyword = token.kind === "word" && KEYWORDS.has(token.text) && !takesWords &&
      !isService;
    if (token.kind === "end" || token.kind === "symbol" || isKeyword) {
      throw tokens.unexpected(`${NEEDED[qualifiers.what ?? "host"]} is needed`);
    }
    return tokens.take();
  }

  /** Makes a primitive of a name or number and its qualifiers. */
  #identified(token: Token, qualifiers = this.#qualifiers, first = token): Primitive {
    const tokens = this.#tokens;
    const span = () => ({ start: first.start, end: Math.max(token.end, tokens.last) });
    switch (qualifiers?.of) {
      case undefined:
        throw tokens.error(
          token,
          `${quoted(token.text)} needs words before it, such as host, net or port`,
        );
      case "packet":
        return { ...parseId(tokens, token, qualifiers), span: span() };
      case "text":
        return {
          kind: "text",
          field: qualifiers.field,
          pattern: parsePattern(token.text),
          span: span(),
        };
      case "choice": {
        const { field } = qualifiers;
        const choices = CHOICES[field];
        // States are in capitals in records, and names of a status have some.
        const choice = token.text.toLowerCase();
        if (choices.includes(choice)) return { kind: "choice", field, choice, span: span() };
        throw tokens.error(
          token,
          `${quoted(token.text)} is no ${field}; write ${choicesText(field)}` +
            suggestion(token.text, choices),
        );
      }
      case "number": {
        const { of: _, ...rest } = qualifiers;
        return { kind: "number", ...rest, value: token.value, span: span() };
      }
      case "label":
        if (token.value > LABEL_MAX) {
          throw tokens.error(token, `${quoted(token.text)} is above ${LABEL_MAX}, the last label`);
        }
        return { kind: "label", label: token.value, span: span() };
      case "mark": {
        const { value } = token;
        const mask = tokens.takeSymbol("/") ? tokens.expectNumber("a mark's mask").value : ALL_BITS;
        if ((value & ~mask) !== 0) {
          throw tokens.error(
            span(),
            "bits of the mark are outside of its mask: no packet has them",
          );
        }
        return { kind: "mark", value, mask, span: span() };
      }
    }
  }

  #needsJoin() {
    const tokens = this.#tokens;
    const { token } = tokens;
    const isUnknown = token.kind === "word" && !KEYWORDS.has(token.text);
    const near = isUnknown ? suggestion(token.text, USEFUL_WORDS) : "";
    const what = near === ""
      ? 'needs "and" or "or" before it'
      : `is not a word of expressions${near}`;
    return tokens.error(token, `${quoted(token.text)} ${what}`);
  }
}

function choicesText(field: ChoiceField): string {
  if (field === "state") return "one of TCP, SCTP or DCCP, such as established or time_wait";
  const choices = CHOICES[field];
  return `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

const ALL_BITS = 0xffff_ffff;
/** The last label: they have 128 bits (linux/netfilter/xt_connlabel.h). */
const LABEL_MAX = 127;
/** Words whose numbers may have more than 32 bits. */
const COUNTERS: ReadonlySet<string> = new Set(["packets", "bytes"]);
const NEEDED: Readonly<Record<string, string>> = {
  host: "an address",
  net: "a network such as 10.0.0.0/8",
  port: "a port",
  portrange: "a range of ports such as 8000-8100",
  proto: "a protocol's number or name",
  protochain: "a protocol's number or name",
};
