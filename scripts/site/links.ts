/**
 * Addresses of the site: where a file of the repository is found in it. Pure.
 *
 * @module
 */

/** Files that browsers show as they are; others are copied as text. */
const SHOWN = /\.(?:png|svg|txt|json)$/;

/** Returns the address of a file of the repository, from the site's root. */
export function addressOf(path: string): string {
  if (path.endsWith(".md")) return path.replace(/(?:README)?\.md$/, (end) => `${index(end)}.html`);
  return SHOWN.test(path) ? path : `${path}.txt`;
}

function index(end: string): string {
  return end.startsWith("README") ? "index" : "";
}

/** Returns the address of a folder's list. */
export function listAddress(folder: string): string {
  return `${folder}/list.html`;
}

/**
 * Returns what a relative link means.
 *
 * @param page Path of the page that it stands on, from the repository's root.
 * @param link Link as the page has it.
 * @returns The path from the repository's root, and the fragment with its `#`.
 */
export function targetOf(page: string, link: string): { path: string; fragment: string } {
  const { pathname, hash } = new URL(link, `file:///${page}`);
  return { path: decodeURIComponent(pathname).replace(/^\/|\/$/g, ""), fragment: hash };
}

/** Returns a link from one address of the site to another. */
export function linkBetween(from: string, to: string): string {
  return `${"../".repeat(from.split("/").length - 1)}${to}`;
}

/** Returns whether a link leaves the site, or stays on its page. */
export function isOutside(link: string): boolean {
  return /^(?:[a-z]+:|#)/.test(link);
}

/**
 * Returns anchors as GitHub makes them of headings; a second one of the same text is numbered.
 *
 * @returns A function from a heading's text to its anchor, for the headings of a page in order.
 */
export function anchors(): (heading: string) => string {
  const counts = new Map<string, number>();
  return (heading) => {
    const anchor = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  };
}
