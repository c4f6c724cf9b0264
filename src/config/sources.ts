/** `[[source]]`: where packets come from. */

import type { ConfigProblem } from "../errors.ts";
import {
  accepts,
  described,
  type Entries,
  isTable,
  list,
  omittable,
  suggestion,
  text,
} from "../schema.ts";
import type { Options } from "../definition.ts";
import { kindOf, type SourceType } from "../source/define.ts";
import { sources } from "../source/sources.ts";
import { outputs as outputTypes } from "../output/outputs.ts";
import { checkOptions, type Part, typeOf } from "./table.ts";
import { checkWhere } from "./where.ts";

/** The source that messages take as an example. */
const FIRST = Object.values(sources)[0]!;

/** The option that names a network namespace, which distinguishes some sources. */
const NETNS = "netns";

/** Options of every source, whatever its type. */
export const sourceEntries = {
  type: described("The source's type.", text("a type")),
  name: described(
    "The source's name in messages and counters; its type and what tells it apart if left out.",
    omittable(text("a name")),
  ),
  outputs: described(
    "Names of the outputs that its packets go to; all if left out. Not beside a filter's script.",
    omittable(list(`names of outputs, as in ["${Object.keys(outputTypes)[0]}"]`)),
  ),
} satisfies Entries;

/** Other parts of the configuration that sources are checked against. */
export interface SourceSurroundings {
  /** Names of the outputs there are. */
  outputs: readonly string[];
  /** Whether a script decides where packets go. */
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
      message:
        `is missing; add [[source]] with type = "${FIRST.type}" and the rule's ${FIRST.identity}`,
    });
  }
  const parts: Part[] = [];
  tables.forEach((table: unknown, index) => {
    const place = `source[${index}]`;
    const type = typeOf(table, undefined, place, Object.keys(sources), problems);
    const known = type === undefined ? undefined : sources[type];
    if (type === undefined || known === undefined) return;
    const isSeveral = known.several !== undefined && isTable(table) &&
      Object.hasOwn(table, known.several.name);
    const key = isSeveral ? known.several!.name : known.identity;
    const own = isSeveral ? severalEntries(known) : known.entries;
    const { [known.identity]: single, ...rest } = table as Options;
    if (isSeveral && single !== undefined) {
      problems.push({
        key: `${place}.${known.identity}`,
        message: `stands beside ${key}; leave one of them out`,
      });
    }
    const told = isSeveral ? rest : table;
    const checked: Options = checkOptions({ ...sourceEntries, ...own }, told, place, problems);
    const { type: _, name, outputs, ...options } = checked;
    if (typeof options.where === "string") {
      checkWhere(options.where, `${place}.where`, [kindOf(known, options)], problems);
    }
    for (const { key, message } of known.problems?.(options) ?? []) {
      problems.push({ key: `${place}.${key}`, message });
    }
    if (outputs !== undefined) {
      problems.push(...outputProblems(outputs as string[], surroundings, `${place}.outputs`));
    }
    const { [key]: identities, ...others } = options;
    const mayLack = !isSeveral && accepts(known.entries[known.identity]!, undefined);
    if (identities === undefined && !mayLack) return; // its problems are named already
    for (const identity of isSeveral ? identities as number[] : [identities]) {
      const given = isSeveral && name !== undefined ? `${name}:${identity}` : name;
      const part: Part = {
        name: String(given ?? defaultName(known, identity, options.netns)),
        type,
        options: { ...others, ...identity !== undefined && { [known.identity]: identity } },
      };
      if (outputs !== undefined) part.outputs = outputs as string[];
      problems.push(...twinProblems(part, parts, known.identity, { place, key }));
      parts.push(part);
    }
  });
  return parts;
}

/** Returns the options of a type whose table names several at once. */
export function severalEntries({ entries, identity, several }: SourceType): Entries {
  const { [identity]: _, ...others } = entries;
  return { [several!.name]: several!.schema, ...others };
}

/** As in `nflog:1`, and in another network namespace `nflog:1@blue`. */
function defaultName(
  { type, identity: key }: SourceType,
  identity: unknown,
  netns: unknown,
): string {
  const name = key === NETNS ? type : `${type}:${identity}`;
  if (netns === undefined) return name;
  const place = String(netns);
  return `${name}@${/^\/proc\/(\d+)\//.exec(place)?.[1] ?? place.split("/").at(-1)}`;
}

/** Returns problems of a source beside those before it. */
function twinProblems(
  { name, type, options }: Part,
  parts: readonly Part[],
  identity: string,
  { place, key }: { place: string; key: string },
): ConfigProblem[] {
  const value = options[identity];
  const twin = parts.find((other) =>
    other.type === type && other.options[identity] === value &&
    other.options.netns === options.netns
  );
  if (twin !== undefined) {
    const message = value === undefined
      ? `only one ${type} source may read each network namespace, and "${twin.name}" reads this one`
      : `${value} is the ${identity} of source "${twin.name}" already`;
    return [{ key: `${place}.${key}`, message }];
  }
  if (!parts.some((other) => other.name === name)) return [];
  return [{ key: `${place}.name`, message: `"${name}" is another source's name` }];
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
      message: "cannot stand beside the script of [filter], which decides where packets go; " +
        "remove one of them",
    });
  }
  return problems;
}
