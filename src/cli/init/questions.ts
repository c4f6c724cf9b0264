/** The questions that `nfscribe init` asks on a terminal. */

import type { OutputType } from "../../output/define.ts";
import { accepts } from "../../schema.ts";
import { ALL_OUTPUTS } from "../part_options.ts";
import { sourceValue } from "../options.ts";
import type { InitAnswers, InitSource } from "./texts.ts";

/** Asks on the terminal; the default is what an empty line stands for. */
export type Ask = (question: string, byDefault: string) => string;

/**
 * Asks until the answer is a value of the source's option; returns it as it was typed.
 *
 * @param byDefault What an empty line stands for.
 */
export function askSource(ask: Ask, source: InitSource, byDefault: string): string {
  const { entries, identity, init: { question }, shorthand } = source;
  if (question === undefined) return byDefault;
  return askUntil(
    () => ask(question, byDefault),
    (answer) => accepts(entries[shorthand.key ?? identity]!, sourceValue(source, answer)),
  );
}

/**
 * Asks which outputs there are to be, until all are known.
 *
 * @param byDefault What an empty line stands for.
 */
export function askOutputs(ask: Ask, byDefault: InitAnswers["outputs"]): InitAnswers["outputs"] {
  const names = ALL_OUTPUTS.map(({ type }) => type);
  const offered = byDefault.map(({ type }) => type.type);
  const answer = askUntil(
    () => ask(`Outputs, of ${names.join(", ")}`, offered.join(" ")),
    (answer) => wordsOf(answer).length > 0 && wordsOf(answer).every((name) => names.includes(name)),
  );
  return ALL_OUTPUTS.filter(({ type }) => wordsOf(answer).includes(type))
    .map((type) => ({ type, value: valueOf(ask, type) }));
}

function valueOf(ask: Ask, { init: { question, value } }: OutputType): string {
  return question === undefined ? value : ask(question, value);
}

function wordsOf(answer: string): string[] {
  return answer.split(/[\s,]+/).filter((word) => word !== "");
}

function askUntil(ask: () => string, isRight: (answer: string) => boolean): string {
  for (;;) {
    const answer = ask().trim();
    if (isRight(answer)) return answer;
  }
}
