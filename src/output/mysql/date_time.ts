/** Times as MySQL's `DATETIME(6)` has them. */

/** The last time that there is, in place of later ones. */
const LAST = "9999-12-31 23:59:59.999999";
const LAST_MICROS = 253_402_300_800_000_000;

/** Formats a time in UTC; one that MySQL does not have is for the server to refuse. */
export function dateTimeText(micros: number): string {
  if (micros >= LAST_MICROS) return LAST;
  const seconds = Math.floor(micros / 1e6);
  const rest = String(Math.max(0, Math.floor(micros - seconds * 1e6))).padStart(6, "0");
  const date = new Date(seconds * 1000);
  // Years before 0 have a sign and six digits.
  return Number.isNaN(date.getTime())
    ? `0000-00-00 00:00:00.${rest}`
    : `${date.toISOString().slice(0, -5).replace("T", " ")}.${rest}`;
}
