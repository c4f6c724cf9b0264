/** Near misses of words, for suggestions; a sandbox, which loads no npm package, makes some. */

/** Longest word that is compared; longer ones are no near misses of any word that is known. */
const LENGTH_MAX = 40;

/**
 * Returns the known word that is nearest to a misspelt one.
 *
 * @param word The misspelt word.
 * @param known Words that would be right.
 * @returns The nearest word; undefined if more than a third of the word would change.
 *
 * @example Two letters that changed places
 * ```ts
 * import { closestWord } from "./closest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(closestWord("prot", ["host", "port", "net"]), "port");
 * assertEquals(closestWord("xyz", ["host", "port", "net"]), undefined);
 * ```
 */
export function closestWord(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LENGTH_MAX) return undefined;
  const wanted = word.toLowerCase();
  let closest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const other = candidate.toLowerCase();
    // Of words that are as near, the one with the same first letter.
    const distance = distanceOf(wanted, other) + (wanted[0] === other[0] ? 0 : 0.5);
    if (distance >= least) continue;
    closest = candidate;
    least = distance;
  }
  return closest;
}

/** Returns the number of insertions, deletions, changes and swaps of neighbours between words. */
function distanceOf(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[to.length]!;
}
