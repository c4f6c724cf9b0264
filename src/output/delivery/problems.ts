/** Problems of options that are found by parsing them. */

import type { ConfigProblem } from "../../errors.ts";
import type { TableOption } from "../table/record_table.ts";
import { RECORD_TABLES } from "../table/record_tables.ts";
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

/** Returns problems of the names of an output's tables. */
export function tableProblems(
  options: { readonly [Name in TableOption]?: string },
  parse: (name: string) => unknown,
): ConfigProblem[] {
  const names = RECORD_TABLES.map(({ option }) => option);
  const problems = parsingProblems(options, Object.fromEntries(names.map((name) => [name, parse])));
  for (const [index, name] of names.entries()) {
    const isTwin = (other: TableOption) =>
      options[other]?.toLowerCase() === options[name]?.toLowerCase();
    const twin = options[name] === undefined ? undefined : names.slice(0, index).find(isTwin);
    if (twin === undefined) continue;
    const message = `must be another table than ${snakeCase(twin)}`;
    problems.push({ key: snakeCase(name), message });
  }
  return problems;
}

type Parser = (value: unknown) => unknown;
