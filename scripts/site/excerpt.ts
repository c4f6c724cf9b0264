/** Excerpts of text that was found. */

/** Characters before what was found, and a third of an excerpt. */
const AROUND = 60;

/**
 * Returns whole words around the first term that was found; `…` stands for text before and after.
 *
 * @param text Text of a section.
 * @param terms Terms that were found, in small letters.
 */
export function excerpt(text: string, terms: readonly string[]): string {
  const low = text.toLowerCase();
  const places = terms.map((term) => low.indexOf(term)).filter((place) => place >= 0);
  const first = places.length === 0 ? 0 : Math.min(...places);
  const start = first <= AROUND ? 0 : Math.min(text.indexOf(" ", first - AROUND - 1) + 1, first);
  const most = start + 3 * AROUND;
  const space = text.lastIndexOf(" ", most);
  const end = most >= text.length ? text.length : space > start ? space : most;
  return `${start > 0 ? "… " : ""}${text.slice(start, end).trim()}${end < text.length ? " …" : ""}`;
}
