/// <reference lib="dom" />
/**
 * Search, light and dark, the navigation, and recordings of the site, in browsers.
 *
 * @module
 */

import MiniSearch from "minisearch";
import { excerpt } from "./excerpt.ts";

/** A part of a page, as `asset/search.js` has it. */
interface Entry {
  id: number;
  title: string;
  heading: string;
  address: string;
  text: string;
}

declare global {
  var nfscribeEntries: Entry[] | undefined;
  var AsciinemaPlayer: {
    create(source: object, element: Element, options: object): void;
  } | undefined;
}

const MOST = 12;
/** Decisions are for who works on nfscribe: other pages come first. */
const INNER = "docs/decisions/";
const THEME = "nfscribe-theme";
const root = document.documentElement;
const input = document.querySelector<HTMLInputElement>("input[type=search]")!;
const found = document.querySelector<HTMLElement>(".found")!;

/** Loads the search's entries when they are needed for the first time. */
function loadEntries(): Promise<Entry[]> {
  if (globalThis.nfscribeEntries !== undefined) return Promise.resolve(globalThis.nfscribeEntries);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root.dataset.root}asset/search.js`;
    script.onload = () => resolve(globalThis.nfscribeEntries!);
    script.onerror = reject;
    document.head.append(script);
  });
}

let index: Promise<{ search: MiniSearch<Entry>; entries: Entry[] }> | undefined;

async function makeIndex() {
  const entries = await loadEntries();
  const search = new MiniSearch<Entry>({
    fields: ["title", "heading", "text"],
    searchOptions: {
      boost: { title: 4, heading: 3 },
      prefix: true,
      fuzzy: (term) => term.length > 4 ? 0.2 : false,
      combineWith: "AND",
      boostDocument: (id) => entries[id as number]!.address.startsWith(INNER) ? 0.05 : 1,
    },
  });
  search.addAll(entries);
  return { search, entries };
}

async function search(): Promise<void> {
  const wanted = input.value.trim();
  index ??= makeIndex();
  const { search, entries } = await index;
  if (wanted !== input.value.trim()) return;
  const results = wanted === "" ? [] : search.search(wanted).slice(0, MOST);
  found.replaceChildren(...results.map(({ id, terms }) => {
    const { address, heading, text, title } = entries[id]!;
    const link = document.createElement("a");
    link.href = `${root.dataset.root}${address}`;
    const name = document.createElement("strong");
    name.textContent = heading === "" || heading === title ? title : `${title}: ${heading}`;
    const sample = document.createElement("span");
    sample.textContent = excerpt(text, terms);
    link.append(name, sample);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  if (wanted !== "" && results.length === 0) {
    const item = document.createElement("li");
    item.textContent = "Nothing found";
    found.append(item);
  }
  found.hidden = wanted === "";
}

input.addEventListener("focus", () => index ??= makeIndex());
input.addEventListener("input", search);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    input.focus();
  } else if (event.key === "Escape") {
    found.hidden = true;
    input.blur();
  } else if (event.key === "Enter" && event.target === input) {
    found.querySelector("a")?.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const links = [...found.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (found.hidden || event.target !== input && at < 0) return;
    event.preventDefault();
    links[Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1))]?.focus();
  }
});
document.addEventListener("click", ({ target }) => {
  if (!(target as Element).closest(".search")) found.hidden = true;
});

/** Returns whether the page is dark now. */
function isDark(): boolean {
  return getComputedStyle(root).colorScheme === "dark" ||
    root.style.colorScheme === "" && matchMedia("(prefers-color-scheme: dark)").matches;
}

try {
  root.style.colorScheme = localStorage.getItem(THEME) ?? "";
} catch {
  // A browser that keeps nothing has the system's colours.
}
document.querySelector(".theme")!.addEventListener("click", () => {
  root.style.colorScheme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(THEME, root.style.colorScheme);
  } catch {
    // Until the next page.
  }
});

const pages = document.querySelector("nav details")!;
pages.toggleAttribute("open", matchMedia("(min-width: 60rem)").matches);

for (const element of document.querySelectorAll(".cast")) {
  const data = element.querySelector("script")!.textContent;
  globalThis.AsciinemaPlayer?.create({ data }, element, { fit: "width", poster: "npt:0:06" });
}
