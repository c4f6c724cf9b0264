/** Marker of unknown values. */

/** Marks a value that the source did not provide: never 0, which is a value. */
export const ABSENT = -1;

/** Returns a number, or undefined if it is absent. */
export function present(value: number): number | undefined {
  return value === ABSENT ? undefined : value;
}
