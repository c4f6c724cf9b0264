/** Columns of tables of records. */

import type { ComponentChildren } from "preact";
import type { Row } from "../api/types.ts";

/** A column. */
export interface Column {
  /** Its name in settings that are kept. */
  readonly id: string;
  /** Heading. */
  readonly title: string;
  /** Name in the choice of columns; the heading where it is left out. */
  readonly name?: string;
  /** Sentence that explains it. */
  readonly about: string;
  /** Least width, in widths of a digit. */
  readonly width: number;
  /** Share of the width that is left over; 0 where it is left out. */
  readonly grow?: number;
  /** Whether it is shown until another choice is made. */
  readonly isShown: boolean;
  /** Whether digits stand below each other at the right. */
  readonly isNumber?: boolean;
  /** Returns the content of a cell; undefined where the record has no such value. */
  readonly cell: (row: Row) => ComponentChildren;
  /** Returns the term of an expression that chooses records with the same value; undefined for none. */
  readonly term?: (row: Row) => string | undefined;
  /** Returns the address that the cell is about; undefined for none. */
  readonly address?: (row: Row) => string | undefined;
}
