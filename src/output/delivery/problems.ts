/** Problems of options that are found by parsing them. */

import type { ConfigProblem } from "../../errors.ts";
import { snakeCase } from "../../text/spelling.ts";

/** Returns a problem for each parser that throws; those of keys that are left out are not asked. */
export function parsingProblems<Options extends object>(
  options: Options,
  parsers: { [Key in keyof Options]?: (value: NonNullable<Options[Key]>) => unknown },
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [key, parse] of Object.entries(parsers) as [keyof Options & string, Parser][]) {
    const value = options[key];
    if (value === undefined) continue;
    try {
      parse(value);
    } catch (error) {
      problems.push({ key: snakeCase(key), message: (error as Error).message });
    }
  }
  return problems;
}

/** Returns a problem where two kinds of record would have the same table. */
export function sameTableProblems(
  { table, flowsTable }: { table?: string; flowsTable?: string },
): ConfigProblem[] {
  if (table === undefined || table.toLowerCase() !== flowsTable?.toLowerCase()) return [];
  return [{ key: "flows_table", message: "must be another table than that of packets" }];
}

type Parser = (value: unknown) => unknown;
