/** Patterns of names: `*` stands for any text, `?` for one character. */

/** `*` in a pattern. */
export const ANY_TEXT = 0;
/** `?` in a pattern. */
export const ONE_CHARACTER = 1;

/** Parts of a pattern: a text, {@linkcode ANY_TEXT} or {@linkcode ONE_CHARACTER}. */
export type Pattern = readonly (string | typeof ANY_TEXT | typeof ONE_CHARACTER)[];

/** Encodes a pattern for {@linkcode matchesPattern}: characters in UTF-8, `*` and `?` negative. */
export function encodePattern(pattern: Pattern): Int16Array {
  const encoder = new TextEncoder();
  return Int16Array.from(
    pattern.flatMap((part) =>
      typeof part === "string"
        ? [...encoder.encode(part)]
        : [part === ANY_TEXT ? ANY_BYTES : ONE_LETTER]
    ),
  );
}

const WILDCARDS: ReadonlyMap<string, typeof ANY_TEXT | typeof ONE_CHARACTER> = new Map([
  ["*", ANY_TEXT],
  ["?", ONE_CHARACTER],
]);

/** Encodes a text with wildcards, such as `web*`. */
export function encodeWildcards(text: string): Int16Array {
  return encodePattern([...text].map((character) => WILDCARDS.get(character) ?? character));
}

const ANY_BYTES = -1;
const ONE_LETTER = -2;
const NOTHING = -3;

/**
 * Returns whether a pattern matches all of a text. Allocates nothing, and takes at most the product
 * of both lengths.
 *
 * @param pattern Result of {@linkcode encodePattern}.
 * @param bytes Memory with the text, in UTF-8.
 */
export function matchesPattern(
  pattern: Int16Array,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  let at = 0;
  let next = from;
  let star = -1;
  let retry = from;
  while (next < to) {
    const wanted = at < pattern.length ? pattern[at]! : NOTHING;
    if (wanted === ANY_BYTES) {
      star = at++;
      retry = next;
    } else if (wanted === ONE_LETTER) {
      at++;
      next = afterCharacter(bytes, next, to);
    } else if (wanted === bytes[next]) {
      at++;
      next++;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      next = retry = afterCharacter(bytes, retry, to);
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === ANY_BYTES) at++;
  return at === pattern.length;
}

/** Returns the offset after a character of UTF-8, or after a byte that begins none. */
function afterCharacter(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at++]!;
  if (first < 0xc0) return at;
  while (at < to && (bytes[at]! & 0xc0) === 0x80) at++;
  return at;
}
