/**
 * `[[source]]`: where packets come from.
 *
 * @module
 */

import type { ConfigProblem } from "../errors.ts";
import { described, type Entries, list, omittable, suggestion, text } from "../schema.ts";
import { readers } from "../source/readers.ts";
import { checkOptions, type Part, typeOf } from "./table.ts";

/** What every source may say, whatever its type. */
export const sourceEntries = {
  type: described("The source's type.", text("a type")),
  name: described(
    "The source's name in messages and counters; its type and what tells it apart if left out.",
    omittable(text("a name")),
  ),
  outputs: described(
    "Names of the outputs that its packets go to; all if left out. Not beside a filter.",
    omittable(list('names of outputs, as in ["pcap"]')),
  ),
} satisfies Entries;

/** What sources are checked against. */
export interface SourceSurroundings {
  /** Names of the outputs there are. */
  outputs: readonly string[];
  /** Whether a filter decides where packets go. */
  filtered: boolean;
}

/**
 * Checks the sources.
 *
 * @param value What stands under `source`.
 * @param surroundings What else the configuration says.
 * @param problems Takes what is wrong.
 * @returns The sources, in their order.
 */
export function checkSources(
  value: unknown,
  surroundings: SourceSurroundings,
  problems: ConfigProblem[],
): Part[] {
  const tables = Array.isArray(value) ? value : value === undefined ? [] : undefined;
  if (tables === undefined) {
    problems.push({ key: "source", message: "must be a list of tables: write [[source]]" });
    return [];
  }
  if (tables.length === 0) {
    problems.push({
      key: "source",
      message: `is missing; add [[source]] with type = "nflog" and the rule's group`,
    });
  }
  const parts: Part[] = [];
  tables.forEach((table: unknown, index) => {
    const place = `source[${index}]`;
    const type = typeOf(table, undefined, place, Object.keys(readers), problems);
    const known = type === undefined ? undefined : readers[type];
    if (type === undefined || known === undefined) return;
    const checked = checkOptions({ ...sourceEntries, ...known.entries }, table, place, problems);
    const { type: _, name, outputs, ...options } = checked;
    if (outputs !== undefined) {
      problems.push(...outputProblems(outputs as string[], surroundings, `${place}.outputs`));
    }
    const identity = options[known.identity];
    if (identity === undefined) return; // its problems are named already
    const part: Part = { name: String(name ?? `${type}:${identity}`), type, options };
    if (outputs !== undefined) part.outputs = outputs as string[];
    const twin = parts.find((other) =>
      other.type === type && other.options[known.identity] === identity
    );
    if (twin !== undefined) {
      problems.push({
        key: `${place}.${known.identity}`,
        message: `${identity} is the ${known.identity} of source "${twin.name}" already`,
      });
    } else if (parts.some((other) => other.name === part.name)) {
      problems.push({ key: `${place}.name`, message: `"${part.name}" is another source's name` });
    }
    parts.push(part);
  });
  return parts;
}

function outputProblems(
  names: readonly string[],
  { outputs, filtered }: SourceSurroundings,
  key: string,
): ConfigProblem[] {
  const problems = names.filter((name) => !outputs.includes(name)).map((name) => ({
    key,
    message: `there is no output "${name}"${suggestion(name, outputs)}`,
  }));
  if (filtered) {
    problems.push({
      key,
      message: "cannot stand beside [filter]: the filter decides where packets go; " +
        "remove one of them",
    });
  }
  return problems;
}
