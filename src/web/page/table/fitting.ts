/** Columns for which there is room. Pure. */

import type { Column } from "./column.ts";

/** Width of times, which have their own in the style, in digits. */
const TIME = 16;
/** Space between two columns, in digits. */
const GAP = 1.6;

/**
 * Returns the columns without those that come first to be left out, until the others have room.
 *
 * @param digits Width that there is, in widths of a digit.
 */
export function fitting(columns: readonly Column[], digits: number): readonly Column[] {
  let left = columns;
  const spare = columns.filter(({ spare }) => spare !== undefined)
    .sort((one, other) => one.spare! - other.spare!);
  for (const column of spare) {
    if (widthOf(left) <= digits) return left;
    left = left.filter((other) => other !== column);
  }
  return left;
}

function widthOf(columns: readonly Column[]): number {
  const widths = columns.map(({ id, width }) => (id === "time" ? TIME : width) + GAP);
  return widths.reduce((sum, width) => sum + width, GAP);
}
