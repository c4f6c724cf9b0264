/** Columns of tables of records. */

import type { ComponentChildren } from "preact";
import type { Row } from "../api/types.ts";

/** A column. */
export interface Column {
  /** Its name in settings that are kept. */
  readonly id: string;
  /** Heading. */
  readonly title: string;
  /** Longer name, for the choice of columns. */
  readonly about: string;
  /** Width, as in CSS's `grid-template-columns`. */
  readonly width: string;
  /** Whether it is shown until another choice is made. */
  readonly isShown: boolean;
  /** Whether digits stand below each other at the right. */
  readonly isNumber?: boolean;
  /** Returns the content of a cell; undefined where the record has no such value. */
  readonly cell: (row: Row) => ComponentChildren;
  /** Returns the term of an expression that chooses records with the same value; undefined for none. */
  readonly term?: (row: Row) => string | undefined;
}
