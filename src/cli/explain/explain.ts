/** Runs `nfscribe explain`. */

import { ExpressionError } from "../../filter/expression/error.ts";
import { expressionAbout } from "../../filter/expression/expression.ts";
import { kindsOf, RECORD_NAMES } from "../../filter/expression/kinds.ts";
import { sentenceOf } from "../../filter/expression/sentence/sentence.ts";
import type { Database } from "../../output/define.ts";
import type { ParsedOptions } from "../command.ts";
import { kindAskedFor } from "../../output/table/condition.ts";
import type { TableKind } from "../../output/table/record_table.ts";
import { recordTableOf } from "../../output/table/record_tables.ts";
import { checked, expressionOf } from "../expression.ts";
import { databaseOf, DATABASES } from "../db/options.ts";
import { DONE } from "../status.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const text = expressionOf(options)!;
  const expression = checked(() => expressionAbout(text, RECORD_NAMES));
  console.log(sentenceOf(expression));
  const kinds = kindsOf(expression);
  for (const type of DATABASES) {
    const database = await databaseOf(type);
    console.log(`\n${type.type}:`);
    if (kinds.length < 2) console.log(`  ${conditionText(database, text, kindAskedFor(text))}`);
    else {for (const kind of kinds) {
        console.log(`  ${recordTableOf(kind).name}: ${conditionText(database, text, kind)}`);
      }}
  }
  return DONE;
}

function conditionText(database: Database, text: string, kind: TableKind): string {
  try {
    return `WHERE ${database.condition(text, kind)}`;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `none: ${error.reason}`;
  }
}
