/**
 * The frame around each page of the site. Pure.
 *
 * @module
 */

import { linkBetween } from "./links.ts";

/** A group of pages in the navigation. */
export interface Group {
  title: string;
  pages: { title: string; address: string }[];
}

/** A page of the site. */
export interface Page {
  address: string;
  title: string;
  html: string;
  /** Headings of the second level. */
  contents: readonly { heading: string; anchor: string }[];
  /** Whether the page plays a recording. */
  hasRecording: boolean;
}

/** Returns text for HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/**
 * Returns a page as an HTML document. It loads nothing but files of the site.
 *
 * @param page The page.
 * @param groups The navigation.
 */
export function layout(page: Page, groups: readonly Group[]): string {
  const to = (address: string) => escaped(linkBetween(page.address, address));
  const item = ({ title, address }: Group["pages"][number]) =>
    `<li><a href="${to(address)}"${address === page.address ? ' aria-current="page"' : ""}>${
      escaped(title)
    }</a></li>`;
  const navigation = groups.map(({ title, pages }) =>
    `<h2>${escaped(title)}</h2><ul>${pages.map(item).join("")}</ul>`
  ).join("");
  const contents = page.contents.map(({ heading, anchor }) =>
    `<li><a href="#${escaped(anchor)}">${escaped(heading)}</a></li>`
  ).join("");
  const player = page.hasRecording
    ? `<link rel="stylesheet" href="${to("asset/player.css")}"><script src="${
      to("asset/player.js")
    }" defer></script>`
    : "";
  const title = page.title === "nfscribe" ? page.title : `${page.title} - nfscribe`;
  return `<!doctype html>
<html lang="en" data-root="${to("")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to("asset/site.css")}">
${player}<script src="${to("asset/site.js")}" defer></script>
</head>
<body>
<a class="skip" href="#text">To the text</a>
<header>
<a class="home" href="${to("index.html")}">nfscribe</a>
<div class="search" role="search">
<input type="search" placeholder="Search (press /)" aria-label="Search the documents" autocomplete="off">
<ul class="found" aria-label="Pages found" hidden></ul>
</div>
<button class="theme" type="button" aria-label="Light or dark">◐</button>
</header>
<div class="columns">
<nav aria-label="Documents"><details><summary>All pages</summary>${navigation}</details></nav>
<main id="text">${page.html}</main>
${contents === "" ? "" : `<aside aria-label="On this page"><ul>${contents}</ul></aside>`}
</div>
</body>
</html>
`;
}
