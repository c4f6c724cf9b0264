/** Runs `nfscribe explain`. */

import { ExpressionError } from "../../filter/expression/error.ts";
import { packetExpression } from "../../filter/expression/expression.ts";
import { sentenceOf } from "../../filter/expression/sentence/sentence.ts";
import type { Expression } from "../../filter/expression/syntax.ts";
import type { ParsedOptions } from "../command.ts";
import { pointing } from "../pointing.ts";
import { databaseOf, DATABASES } from "../db/options.ts";
import { DONE } from "../status.ts";

/** Runs the command; returns the exit status. */
export async function execute({ EXPR }: ParsedOptions): Promise<number> {
  const text = EXPR!.replaceAll("\n", " ");
  console.log(sentenceOf(parsed(text)));
  for (const type of DATABASES) {
    const database = await databaseOf(type);
    console.log(`\n${type.type}:`);
    try {
      console.log(`  WHERE ${database.condition(text)}`);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      console.log(`  none: ${error.reason}`);
    }
  }
  return DONE;
}

/**
 * Parses an expression.
 *
 * @throws {UsageError} If it is none; the message points at the word.
 */
function parsed(text: string): Expression {
  try {
    return packetExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw pointing(error);
  }
}
