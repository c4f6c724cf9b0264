/** Letters for the flags of TCP. Pure. */

/** Letters of the flags (RFC 9293, 3.1), from FIN, the lowest, upwards. */
const LETTERS = "FSRPAUEC";

/** Writes flags as letters in the order in which people say them, as in `SA`. */
export function flagLetters(flags: number): string {
  const letters = [..."SFRPAUEC"].filter((letter) => flags & 1 << LETTERS.indexOf(letter));
  return letters.length === 0 ? "–" : letters.join("");
}
