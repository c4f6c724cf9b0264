/**
 * The questions that `nfscribe init` asks on a terminal.
 *
 * @module
 */

import { outputs } from "../../output/outputs.ts";

/** The largest group (`NFLOG` numbers them with 16 bits). */
const GROUP_MAX = 65535;

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
): Record<string, string> {
  const names = Object.keys(outputs);
  const answer = askUntil(
    () => ask(`Outputs, of ${names.join(", ")}`, Object.keys(places).join(" ")),
    (answer) => wordsOf(answer).length > 0 && wordsOf(answer).every((name) => names.includes(name)),
  );
  const wanted = names.filter((name) => wordsOf(answer).includes(name));
  return Object.fromEntries(
    wanted.map((name) => {
      const { question, value } = outputs[name]!.init;
      return [name, places[name] ?? (question === undefined ? value : ask(question, value))];
    }),
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
