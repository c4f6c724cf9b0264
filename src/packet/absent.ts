/** Marker of unknown values. */

/** Marks a value that the source did not provide: never 0, which is a value. */
export const ABSENT = -1;
