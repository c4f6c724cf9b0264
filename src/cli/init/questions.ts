/**
 * The questions that `nfscribe init` asks on a terminal.
 *
 * @module
 */

import { OUTPUT_NAMES, type OutputName } from "./texts.ts";

/** The largest group (`NFLOG` numbers them with 16 bits). */
const GROUP_MAX = 65535;
/** Database that is offered. */
const URL_EXAMPLE = "postgres://nfscribe@localhost/nfscribe";

/** Asks on the terminal; the default is what an empty line stands for. */
export type Ask = (question: string, byDefault: string) => string;

/** Asks until the answer is a group. */
export function askGroup(ask: Ask): string {
  return askUntil(
    () => ask("Group that the firewall's rule names, 0 to 65535", "1"),
    (answer) => /^\d+$/.test(answer) && Number(answer) <= GROUP_MAX,
  );
}

/**
 * Asks which outputs there are to be, until all are known.
 *
 * @param places Where those go that are written to files.
 */
export function askOutputs(
  ask: Ask,
  places: Readonly<Record<string, string>>,
): Partial<Record<OutputName, string>> {
  const names = Object.keys(OUTPUT_NAMES);
  const answer = askUntil(
    () => ask(`Outputs, of ${names.join(", ")}`, Object.keys(places).join(" ")),
    (answer) => wordsOf(answer).length > 0 && wordsOf(answer).every((name) => names.includes(name)),
  );
  const wanted = names.filter((name) => wordsOf(answer).includes(name));
  return Object.fromEntries(
    wanted.map((name) => [name, places[name] ?? ask("The database", URL_EXAMPLE)]),
  );
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
