/**
 * The mark of what is unknown.
 *
 * @module
 */

/** Stands for "the source did not say": never 0, which is a value. */
export const ABSENT = -1;
