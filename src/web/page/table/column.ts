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
  /** Place in the order in which columns are left out where there is no room; undefined for never. */
  readonly spare?: number;
  /** Whether digits stand below each other at the right. */
  readonly isNumber?: boolean;
  /** Returns the content of a cell; undefined where the record has no such value. */
  readonly cell: (row: Row) => ComponentChildren;
  /** Returns the term of an expression that chooses records with the same value; undefined for none. */
  readonly term?: (row: Row) => string | undefined;
  /** Returns the address that the cell is about; undefined for none. */
  readonly address?: (row: Row) => string | undefined;
}

/** A column of one kind of records. */
type KindColumn<Own> =
  & Omit<Column, "cell" | "term" | "address" | "isShown" | "about">
  & { about?: string; isShown?: boolean }
  & {
    cell(row: Own): ComponentChildren;
    term?(row: Own): string | undefined;
    address?(row: Own): string | undefined;
  };

/** Returns a function that makes columns of a kind of records; others have no value in them. */
export function columnsOf<Kind extends Row["type"]>(
  kind: Kind,
): (column: KindColumn<Extract<Row, { type: Kind }>>) => Column {
  type Own = Extract<Row, { type: Kind }>;
  const isOwn = (row: Row): row is Own => row.type === kind;
  return ({ cell, term, address, ...rest }) => ({
    about: rest.title,
    isShown: true,
    ...rest,
    cell: (row) => isOwn(row) ? cell(row) : undefined,
    term: (row) => isOwn(row) ? term?.(row) : undefined,
    address: (row) => isOwn(row) ? address?.(row) : undefined,
  });
}
