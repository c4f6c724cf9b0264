/**
 * `[output.NAME]`: where packets go.
 *
 * @module
 */

import type { ConfigProblem } from "../errors.ts";
import { writers } from "../output/writers.ts";
import { described, type Entries, isTable, omittable, text } from "../schema.ts";
import { checkOptions, type Part, typeOf } from "./table.ts";

/** The most outputs there may be: the pipeline marks them in a packet's verdict with a bit each. */
export const OUTPUTS_MAX = 30;

/** What every output may say, whatever its type. */
export const outputEntries = {
  type: described("The output's type; the table's name if left out.", omittable(text("a type"))),
} satisfies Entries;

/**
 * Checks the outputs.
 *
 * @param value What stands under `output`.
 * @param problems Takes what is wrong.
 * @returns The outputs, in their order.
 */
export function checkOutputs(value: unknown, problems: ConfigProblem[]): Part[] {
  if (value !== undefined && !isTable(value)) {
    problems.push({ key: "output", message: "must hold tables: write [output.pcap]" });
    return [];
  }
  const tables = Object.entries(value ?? {});
  if (tables.length === 0) {
    problems.push({ key: "output", message: "is missing; add [output.pcap] with a path" });
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
    const type = typeOf(table, name, place, Object.keys(writers), problems);
    const known = type === undefined ? undefined : writers[type];
    if (type === undefined || known === undefined) continue;
    const checked = checkOptions({ ...outputEntries, ...known.entries }, table, place, problems);
    const { type: _, ...options } = checked;
    const part: Part = { name, type, options };
    for (const { key, message } of known.problems?.(options as never) ?? []) {
      problems.push({ key: `${place}.${key}`, message });
    }
    for (const key of ["path", "spool"]) {
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

/** Whether two paths lead to one file, as far as they tell. */
export function isSameFile(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && plain(a) === plain(b);
}

/** A path without the steps that lead nowhere, as in `./x` and `a//x`. */
function plain(path: string): string {
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  return (path.startsWith("/") ? "/" : "") + steps.join("/");
}
