/**
 * Looks for source text that parsers do not survive: brackets in brackets, and chains
 * of operators, so deep that the parser's own stack ends. Does not recurse itself.
 *
 * @module
 */

/** How deep brackets may stand in each other, and how many operators in one expression. */
const DEPTH_MAX = 250;
const OPERATORS_MAX = 1000;

const [OPENING, CLOSING] = ["([{", ")]}"];
/** Ends an expression: what comes behind is not nested in what comes before. */
const ENDS = ";,{}";
const OPERATORS = "!~+-*/%&|^<>=?:.";

/**
 * Returns what is wrong with a text; undefined where nothing is.
 *
 * Texts in quotes and comments are passed over. What looks like one and is none (a quote
 * in a regular expression) can hide something: then the parser ends, and the sandbox
 * with it.
 *
 * @param text A module.
 */
export function nestingProblem(text: string): string | undefined {
  let depth = 0;
  let line = 1;
  /** Operators of the expression that is read, and of those around it. */
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

/** Words that stand before an operand, or before a statement that can be a part of another one. */
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

/** Whether one of {@linkcode WORDS} ends at a place. */
function isWord(text: string, at: number): boolean {
  if (!isLetter(text[at]) || isLetter(text[at + 1])) return false;
  let start = at;
  while (at - start < 6 && isLetter(text[start - 1])) start--;
  return !isLetter(text[start - 1]) && WORDS.includes(text.slice(start, at + 1));
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\w$]/.test(character);
}

/** The place of a text's closing quote, or of the end of its line. */
function endOfQuoted(text: string, at: number): number {
  const quote = text[at];
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === quote) return end;
    else if (text[end] === "\n") return end - 1;
  }
  return text.length;
}

/** The place of a comment's last character. */
function endOfComment(text: string, at: number): number {
  const isLine = text[at + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", at + 2);
  if (end < 0) return text.length - 1;
  return isLine ? end - 1 : end + 1;
}
