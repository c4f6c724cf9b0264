/** `[output.NAME]`: where packets go. */

import type { ConfigProblem } from "../errors.ts";
import type { Options } from "../definition.ts";
import type { OutputType } from "../output/define.ts";
import { outputs } from "../output/outputs.ts";
import { RECORD_NAMES } from "../filter/expression/kinds.ts";
import { queueEntries, type QueueOptions, spoolingEntries } from "../output/queue.ts";
import { normalPath } from "../text/path.ts";
import {
  described,
  type Entries,
  expressionText,
  isTable,
  omittable,
  pathsOf,
  text,
} from "../schema.ts";
import { checkOptions, type Part, typeOf } from "./table.ts";
import { checkWhere } from "./where.ts";

/** The most outputs there may be: the pipeline marks them in a packet's verdict with a bit each. */
export const OUTPUTS_MAX = 30;

/** The output that messages take as an example. */
const FIRST = Object.values(outputs)[0]!;

/** Options of every output, whatever its type. */
const outputEntries = {
  type: described("The output's type; the table's name if left out.", omittable(text("a type"))),
  where: described(
    'An expression, as in "tcp port 22": of the packets and flows that are sent to it, the output takes those that it chooses.',
    omittable(expressionText()),
  ),
} satisfies Entries;

/** Returns all options of a type of output. */
export function entriesOf({ entries, buffering }: OutputType): Entries {
  const queue = buffering === "spool" ? spoolingEntries : queueEntries;
  return { ...outputEntries, ...queue, ...entries };
}

/** Returns the queue's options of a checked output; undefined where it has a spool of its own. */
export function queueOf({ type, options }: Part): QueueOptions | undefined {
  return outputs[type]?.queue(options);
}

/**
 * Checks the outputs.
 *
 * @param value What stands under `output`.
 * @param problems Takes what is wrong.
 * @param kinds Kinds of record that the sources make; all if left out.
 * @returns The outputs, in their order.
 */
export function checkOutputs(
  value: unknown,
  problems: ConfigProblem[],
  kinds: readonly string[] = RECORD_NAMES,
): Part[] {
  if (value !== undefined && !isTable(value)) {
    problems.push({ key: "output", message: `must hold tables: write [output.${FIRST.type}]` });
    return [];
  }
  const strays = Object.keys(value ?? {})
    .filter((name) => !isTable(value![name]) && !Object.hasOwn(outputs, name));
  if (strays.length > 0) {
    problems.push({
      key: "output",
      message: `has ${strays.join(", ")} outside of an output's table; give the output a name, ` +
        "as in [output.pcap], and write its options below that",
    });
    return [];
  }
  const tables = Object.entries(value ?? {});
  if (tables.length === 0) {
    problems.push({
      key: "output",
      message: `is missing; add [output.${FIRST.type}] with a ${FIRST.shorthand.key}`,
    });
  }
  if (tables.length > OUTPUTS_MAX) {
    problems.push({
      key: "output",
      message: `there may be at most ${OUTPUTS_MAX} outputs, not ${tables.length}`,
    });
  }
  const parts: Part[] = [];
  for (const [name, table] of tables) {
    const place = `output.${name}`;
    const type = typeOf(table, name, place, Object.keys(outputs), problems);
    const known = type === undefined ? undefined : outputs[type];
    if (type === undefined || known === undefined) continue;
    const checked: Options = checkOptions(entriesOf(known), table, place, problems);
    const { type: _, where, ...options } = checked;
    const part: Part = { name, type, options };
    if (typeof where === "string") {
      part.where = where;
      const own = known.kinds.filter((kind) => kinds.includes(kind));
      checkWhere(where, `${place}.where`, own.length === 0 ? known.kinds : own, problems);
    }
    checkQueue(queueOf(part), place, problems);
    for (const { key, message } of known.problems(options)) {
      problems.push({ key: `${place}.${key}`, message });
    }
    for (const [key] of pathsOf(entriesOf(known))) {
      const twin = parts.find((other) => isSameFile(other.options[key], part.options[key]));
      if (twin === undefined) continue;
      problems.push({
        key: `${place}.${key}`,
        message: `"${options[key]}" is the ${key} of output "${twin.name}" already`,
      });
    }
    parts.push(part);
  }
  return parts;
}

function checkQueue(
  queue: QueueOptions | undefined,
  place: string,
  problems: ConfigProblem[],
): void {
  if (queue === undefined) return;
  const { whenBehind, spool } = queue;
  if (whenBehind === "spool" && spool === undefined) {
    problems.push({
      key: `${place}.when_behind`,
      message: 'is "spool", and there is none; add spool = "FOLDER"',
    });
  } else if (spool !== undefined && whenBehind !== undefined && whenBehind !== "spool") {
    problems.push({
      key: `${place}.spool`,
      message: `is not used with when_behind = "${whenBehind}"; leave one of them out`,
    });
  }
}

/** Returns whether two paths lead to one file, as far as they tell. */
export function isSameFile(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && plain(a) === plain(b);
}

/** Removes the `/` at the end of a path. */
function plain(path: string): string {
  return normalPath(path).replace(/\/$/, "");
}
