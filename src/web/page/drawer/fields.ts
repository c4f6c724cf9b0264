/** Trees of decoded fields, as lists of lines. Pure. */

import type { Field } from "../../dissect/field.ts";

/** A line of the tree. */
export interface FieldLine {
  /** Places of the field and those around it, as in `1.3`: the same for the same packet. */
  readonly key: string;
  readonly field: Field;
  /** 1 for headers. */
  readonly level: number;
  /** Whether its parts are shown; undefined where it has none. */
  readonly isOpen: boolean | undefined;
}

/** Bytes from `start` to before `end`. */
export interface Mark {
  readonly start: number;
  readonly end: number;
}

/** Returns the lines of a tree, but for parts of fields that are closed. */
export function linesOf(
  fields: readonly Field[],
  closed: ReadonlySet<string>,
  parent = "",
): FieldLine[] {
  return fields.flatMap((field, index) => {
    const key = parent === "" ? String(index) : `${parent}.${index}`;
    const parts = field.fields ?? [];
    const isOpen = parts.length === 0 ? undefined : !closed.has(key);
    const line = { key, field, level: key.split(".").length, isOpen };
    return isOpen ? [line, ...linesOf(parts, closed, key)] : [line];
  });
}

/** Returns the place of the line that stands for a byte: that of its innermost field. */
export function lineAt(lines: readonly FieldLine[], byte: number): number {
  let found = -1;
  lines.forEach(({ field, level }, index) => {
    if (byte < field.offset || byte >= field.offset + field.length) return;
    // Of fields that share a byte the first one.
    if (found < 0 || level > lines[found]!.level) found = index;
  });
  return found;
}

/** Returns the place of the line around a line; itself for a header. */
export function parentOf(lines: readonly FieldLine[], index: number): number {
  const { level } = lines[index]!;
  const parent = lines.findLastIndex((line, place) => place < index && line.level < level);
  return parent < 0 ? index : parent;
}

/** Returns the bytes of a field. */
export function markOf({ offset, length }: Field): Mark {
  return { start: offset, end: offset + length };
}

/** Writes the place of bytes, as in `byte 9` or `bytes 12 to 15`. */
export function placeText({ start, end }: Mark): string {
  if (end <= start) return `before byte ${start}`;
  return end - start === 1 ? `byte ${start}` : `bytes ${start} to ${end - 1}`;
}
