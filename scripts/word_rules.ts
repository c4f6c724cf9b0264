/**
 * Words that comments, messages and test names must not contain.
 *
 * @module
 */

/** Whitespace between two words of a phrase, in a comment also with a line break. */
const GAP = String.raw`\s+(?:(?:\*|//)\s+)?`;

/** Words at the start of a doc comment: functions begin with a verb, types and fields with a noun. */
const STARTS =
  /\/\*\*\s+(?:\*\s+)?(?<word>How|If|That|What|Whatever|When|Where|Which|Who|Whoever|Whom|Whose|Why|Nobody|Somebody|Told)\b/g;

/** Words at the start of a function's doc comment, which are no verbs. */
const FUNCTION_STARTS = new RegExp(
  String.raw`/\*\*\s+(?:\*\s+)?(?<word>A|All|An|Each|Every|The|Whether)\b` +
    String.raw`(?:(?!\*/)[^])*\*/\s+(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b`,
  "g",
);

/** Words and phrases anywhere; `nobody` may be the user of that name. */
const PHRASES: readonly RegExp[] = [
  String.raw`[Ww]hoever|[Ww]homever|[Ss]omebody`,
  String.raw`(?<!["'\x60/]|user |chown |changes to )[Nn]obody\b(?!["'\x60:@-])`,
  `(?:is|are|was|were|be|been|being)${GAP}told`,
  `(?:let|lets|letting)${GAP}go`,
  `at${GAP}hand`,
].map((source) => new RegExp(String.raw`\b(?<word>${source})\b`, "g"));

/** Refused word in a text. */
export interface RefusedWord {
  /** Line, from 1. */
  line: number;
  /** The word or phrase, on one line. */
  word: string;
}

/**
 * Finds refused words in a source text.
 *
 * @param text Text of a module.
 * @returns The words in the order of their lines.
 */
export function refusedWords(text: string): RefusedWord[] {
  const found = [STARTS, FUNCTION_STARTS, ...PHRASES].flatMap((
    pattern,
  ) => [...text.matchAll(pattern)]);
  return found.map((match) => {
    const word = match.groups!.word!;
    const at = match.index + match[0].indexOf(word);
    return {
      line: text.slice(0, at).split("\n").length,
      word: word.replaceAll(new RegExp(GAP, "g"), " "),
    };
  }).sort((a, b) => a.line - b.line);
}
