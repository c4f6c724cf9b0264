/**
 * Detects source text whose nesting would overflow a parser's stack: brackets in brackets, and
 * chains of operators. Is not recursive itself.
 */

/** Limits for the depth of brackets, and for the operators of an expression. */
const DEPTH_MAX = 250;
const OPERATORS_MAX = 1000;

const [OPENING, CLOSING] = ["([{", ")]}"];
/** Characters that end an expression, and with it the nesting of operators. */
const ENDS = ";,{}";
const OPERATORS = "!~+-*/%&|^<>=?:.";

/**
 * Returns the problem of a text; undefined if there is none.
 *
 * Skips strings and comments. A character that only looks like their start, such as a quote in a
 * regular expression, can hide nesting: then the parser overflows and ends the sandbox.
 *
 * @param text Text of a module.
 */
export function nestingProblem(text: string): string | undefined {
  let depth = 0;
  let line = 1;
  /** Operators of the current expression, and of those around it. */
  const operators: number[] = [0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\n") {
      line++;
    } else if (character === '"' || character === "'") {
      at = endOfQuoted(text, at);
    } else if (character === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      const end = endOfComment(text, at);
      for (; at < end; at++) if (text[at] === "\n") line++;
      if (text[at] === "\n") line++;
    } else if (OPENING.includes(character)) {
      operators.push(0);
      if (++depth > DEPTH_MAX) {
        return `line ${line}: more than ${DEPTH_MAX} brackets are open; write it in parts`;
      }
    } else if (CLOSING.includes(character)) {
      if (depth > 0) depth--;
      if (operators.length > 1) operators.pop();
    }
    if (ENDS.includes(character)) {
      operators[operators.length - 1] = 0;
    } else if (OPERATORS.includes(character) || isWord(text, at)) {
      if (++operators[operators.length - 1]! > OPERATORS_MAX) {
        return `line ${line}: an expression has more than ${OPERATORS_MAX} operators; write it in parts`;
      }
    }
  }
  return undefined;
}

/** Keywords before an operand, or before a statement that can be nested. */
const WORDS = [
  "new",
  "typeof",
  "void",
  "delete",
  "await",
  "yield",
  "if",
  "else",
  "for",
  "while",
  "do",
];

/** Returns whether one of {@linkcode WORDS} ends at this offset. */
function isWord(text: string, at: number): boolean {
  if (!isLetter(text[at]) || isLetter(text[at + 1])) return false;
  let start = at;
  while (at - start < 6 && isLetter(text[start - 1])) start--;
  return !isLetter(text[start - 1]) && WORDS.includes(text.slice(start, at + 1));
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\w$]/.test(character);
}

/** Returns the offset of a string's closing quote, or of the end of its line. */
function endOfQuoted(text: string, at: number): number {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === quote) return end;
    else if (text[end] === "\n") return end - 1;
  }
  return text.length;
}

/** Returns the offset of a comment's last character. */
function endOfComment(text: string, at: number): number {
  const isLine = text[at + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", at + 2);
  if (end < 0) return text.length - 1;
  return isLine ? end - 1 : end + 1;
}
