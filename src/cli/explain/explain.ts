/** Runs `nfscribe explain`. */

import { ExpressionError } from "../../filter/expression/error.ts";
import { expressionAbout } from "../../filter/expression/expression.ts";
import { RECORD_NAMES } from "../../filter/expression/kinds.ts";
import { sentenceOf } from "../../filter/expression/sentence/sentence.ts";
import type { ParsedOptions } from "../command.ts";
import { kindAskedFor } from "../../output/table/condition.ts";
import { checked, expressionOf } from "../expression.ts";
import { databaseOf, DATABASES } from "../db/options.ts";
import { DONE } from "../status.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const text = expressionOf(options)!;
  console.log(sentenceOf(checked(() => expressionAbout(text, RECORD_NAMES))));
  const kind = kindAskedFor(text);
  for (const type of DATABASES) {
    const database = await databaseOf(type);
    console.log(`\n${type.type}:`);
    try {
      console.log(`  WHERE ${database.condition(text, kind)}`);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      console.log(`  none: ${error.reason}`);
    }
  }
  return DONE;
}
