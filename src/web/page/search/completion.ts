/** Completions of an expression that is being written. Pure. */

import { CHOICES, USEFUL_WORDS } from "../../../filter/expression/words.ts";
import type { StoredKind } from "../api/types.ts";
import { quotedName } from "./terms.ts";
import { EXPLAINED } from "./words.ts";

/** A completion. */
export interface Completion {
  /** Text that takes the place of the word. */
  readonly text: string;
  readonly about: string;
}

/** Completions, and the word that they are for. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly options: readonly Completion[];
}

/** Values that records have, by the words that they follow. */
export type KnownValues = Readonly<
  Record<"prefix" | "in" | "out" | "capture" | "host" | "port" | "uid", readonly string[]>
>;

/** Most completions that are offered. */
const OFFERED = 12;
/** Least letters of a word that has no explanation here. */
const LETTERS = 2;

const JOINTS = ["and", "or", "not", "(", "!", "&&", "||"];
const VALUES: Readonly<Record<string, keyof KnownValues>> = {
  prefix: "prefix",
  in: "in",
  out: "out",
  capture: "capture",
  host: "host",
  src: "host",
  dst: "host",
  port: "port",
  uid: "uid",
};

/**
 * Finds completions.
 *
 * @param caret Place where text is written, in UTF-16 units.
 */
export function completionsAt(
  text: string,
  caret: number,
  kind: StoredKind,
  known: KnownValues,
): Completions {
  const before = text.slice(0, caret);
  const start = wordStart(before);
  const word = before.slice(start);
  const end = caret + /^[^\s()!&|"']*/.exec(text.slice(caret))![0].length;
  const words = before.slice(0, start).match(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()!]|[^\s()!]+/g,
  );
  const last = words?.at(-1) ?? "and";
  return { start, end, options: optionsAfter(last, word, kind, known).slice(0, OFFERED) };
}

function optionsAfter(
  last: string,
  word: string,
  kind: StoredKind,
  known: KnownValues,
): Completion[] {
  const begun = word.replace(/^["']/, "").toLowerCase();
  const matches = (value: string) => value.toLowerCase().startsWith(begun);
  const field = VALUES[last];
  const values = field === undefined ? [] : known[field].filter(matches)
    .map((value) => ({ text: isName(field) ? quotedName(value) : value, about: "" }));
  if (last === "src" || last === "dst") {
    const sides = ["host", "net", "port", "portrange"].filter(matches);
    return [...sides.map((text) => ({ text, about: `of the ${SIDES[last]}` })), ...values];
  }
  if (field !== undefined) return values;
  const choices = last in CHOICES ? CHOICES[last as keyof typeof CHOICES] : undefined;
  if (choices !== undefined) return choices.filter(matches).map((text) => ({ text, about: "" }));
  if (!JOINTS.includes(last)) {
    const joints = ["and", "or"].filter(matches).map((text) => ({ text, about: "" }));
    if (joints.length > 0 || word === "") return joints;
  }
  return wordsLike(begun, kind);
}

const SIDES = { src: "sender", dst: "receiver" };

function isName(field: keyof KnownValues): boolean {
  return field === "prefix" || field === "in" || field === "out" || field === "capture";
}

function wordsLike(begun: string, kind: StoredKind): Completion[] {
  const fits = EXPLAINED.filter((explained) =>
    (explained.kind === undefined || explained.kind === kind) && explained.word.startsWith(begun)
  ).map(({ word, about }) => ({ text: word, about }));
  if (begun.length < LETTERS) return fits;
  const others = USEFUL_WORDS.filter((word) =>
    word.startsWith(begun) && !EXPLAINED.some((explained) => explained.word === word)
  );
  return [...fits, ...others.map((text) => ({ text, about: "" }))];
}

/** Returns the start of the word before the caret, with the quote that opens it. */
function wordStart(before: string): number {
  let open = -1;
  for (let at = 0; at < before.length; at++) {
    const character = before[at];
    if (character === "\\") at++;
    else if (open >= 0) open = character === before[open] ? -1 : open;
    else if (character === '"' || character === "'") open = at;
  }
  return open >= 0 ? open : before.length - /[^\s()!&|"']*$/.exec(before)![0].length;
}
