/** The present by the server's clock: that of a browser may be wrong. */

/** Difference that is not corrected: an answer takes time, and its date is in whole seconds. */
const CLOSE_MS = 3000;

let differenceMs = 0;

/** Takes the date of an answer. */
export function setClock(date: string | null): void {
  const serverMs = Date.parse(date ?? "");
  if (Number.isNaN(serverMs)) return;
  const found = serverMs + 500 - Date.now();
  differenceMs = Math.abs(found) < CLOSE_MS ? 0 : found;
}

/** Returns the present, in milliseconds since the Unix epoch. */
export function presentMs(): number {
  return Date.now() + differenceMs;
}
