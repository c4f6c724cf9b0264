/// <reference lib="dom" />
/** The clipboard. */

/**
 * Copies a text.
 *
 * @returns Whether it could be copied: browsers refuse it to pages that come without TLS from
 *   another machine, and then the text is marked, to be copied by hand.
 */
export async function copyText(text: string, shownIn: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shownIn !== null) document.getSelection()?.selectAllChildren(shownIn);
    return false;
  }
}
