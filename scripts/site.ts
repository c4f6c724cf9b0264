/**
 * Writes the documents as a site that needs no server, and loads nothing from elsewhere.
 *
 *     deno task site [FOLDER]
 *
 * @module
 */

import playerStyle from "asciinema-player/dist/bundle/asciinema-player.css" with { type: "text" };
import player from "asciinema-player/dist/bundle/asciinema-player.min.js" with { type: "text" };
import { fromFileUrl } from "../src/text/file_url.ts";
import { escaped, type Group, layout, type Page } from "./site/layout.ts";
import { addressOf, isOutside, linkBetween, listAddress, targetOf } from "./site/links.ts";
import { render, type Rendered } from "./site/markdown.ts";

const ROOT = new URL("..", import.meta.url);
const SITE = new URL(`${Deno.args[0] ?? "dist/site"}/`, ROOT);
/** Folders of pages; the root has further ones. */
const FOLDERS = ["docs/", "docs/decisions/", "examples/"];
const OTHERS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
/** The page whose headings and links are the navigation. */
const INDEX = "docs/README.md";

/** A page, and the files that it leads to. */
interface Document extends Rendered {
  path: string;
  hasRecording: boolean;
}

/** Makes the site, file by file. */
class Site {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** Writes everything. */
  async write(): Promise<void> {
    await Deno.remove(SITE, { recursive: true }).catch(() => {});
    const documents: Document[] = [];
    for (const path of await pagePaths()) documents.push(await this.#read(path));
    const groups = navigation(documents);
    for (const document of documents) await put(addressOf(document.path), page(document, groups));
    for (const folder of this.#folders) await this.#list(folder, groups);
    for (const path of this.#files) {
      await put(addressOf(path), await Deno.readFile(new URL(path, ROOT)));
    }
    await put("asset/site.css", await Deno.readTextFile(new URL("scripts/site/site.css", ROOT)));
    await put("asset/site.js", await bundled("scripts/site/client.ts"));
    await put("asset/player.js", player);
    await put("asset/player.css", playerStyle);
    await put(
      "asset/search.js",
      `globalThis.nfscribeEntries=${JSON.stringify(entries(documents))}`,
    );
  }

  async #read(path: string): Promise<Document> {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const recordings = new Map<string, string>();
    for (const [, link] of text.matchAll(/\]\(([^)]*\.cast)\)/g)) {
      const cast = await Deno.readTextFile(new URL(targetOf(path, link!).path, ROOT));
      const data = cast.replaceAll("<", "\\u003c");
      recordings.set(link!, `<div class="cast"><script type="text/plain">${data}</script></div>\n`);
    }
    const rendered = render(
      text,
      (link) => this.#linked(path, link),
      (link) => recordings.get(link),
      (link) => isOutside(link) ? undefined : titleOf(targetOf(path, link)),
    );
    return { ...rendered, path, hasRecording: recordings.size > 0 };
  }

  /** Returns the link on the site, and takes note of the file that it leads to. */
  #linked(page: string, link: string): string {
    const { path, fragment } = targetOf(page, link);
    const { isDirectory } = Deno.statSync(new URL(path, ROOT));
    if (isDirectory) this.#folders.add(path);
    else if (!path.endsWith(".md")) this.#files.add(path);
    const address = isDirectory ? listAddress(path) : addressOf(path);
    return linkBetween(addressOf(page), address) + fragment;
  }

  async #list(folder: string, groups: readonly Group[]): Promise<void> {
    const names: string[] = [];
    for await (const { name, isFile } of Deno.readDir(new URL(folder, ROOT))) {
      if (!isFile) continue;
      names.push(name);
      this.#files.add(`${folder}/${name}`);
    }
    const address = listAddress(folder);
    const items = names.sort().map((name) =>
      `<li><a href="${linkBetween(address, addressOf(`${folder}/${name}`))}">${
        escaped(name)
      }</a></li>`
    );
    const html = `<h1>${escaped(folder)}</h1><ul>${items.join("")}</ul>`;
    const list = { address, title: folder, html, contents: [], hasRecording: false };
    await put(address, layout(list, groups));
  }
}

/** Returns the title of a page; undefined for a part of it, whose name tells more. */
function titleOf({ path, fragment }: { path: string; fragment: string }): string | undefined {
  if (!path.endsWith(".md") || fragment !== "") return undefined;
  return /^# (.*)$/m.exec(Deno.readTextFileSync(new URL(path, ROOT)))?.[1];
}

async function pagePaths(): Promise<string[]> {
  const paths = [...OTHERS];
  for (const folder of FOLDERS) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (name.endsWith(".md")) paths.push(folder + name);
    }
  }
  return paths.sort();
}

/** Returns the navigation: the headings of the index, and below each the pages that it links to. */
function navigation(documents: readonly Document[]): Group[] {
  const { html } = documents.find(({ path }) => path === INDEX)!;
  const from = `file:///${addressOf(INDEX)}`;
  const [, ...parts] = html.split("<h2");
  return parts.map((part) => {
    const title = /^[^>]*>([^<]*)/.exec(part)![1]!;
    const links = [...part.matchAll(/<a href="([^"#]+)">([^<]+)</g)]
      .filter(([, link]) => !isOutside(link!));
    return {
      title,
      pages: links.map(([, link, title]) => ({
        title: title!.charAt(0).toUpperCase() + title!.slice(1),
        address: new URL(link!, from).pathname.slice(1),
      })),
    };
  });
}

function page(document: Document, groups: readonly Group[]): string {
  const { hasRecording, html, path, sections, title } = document;
  const contents = sections.filter(({ level, anchor }) => level === 2 && anchor !== "");
  return layout(
    { address: addressOf(path), title, html, contents, hasRecording } satisfies Page,
    groups,
  );
}

/** Returns what is searched: each page's parts, with their addresses. */
function entries(documents: readonly Document[]) {
  return documents.flatMap(({ path, sections, title }) =>
    sections.filter(({ heading, text }) => heading !== "" || text !== "").map((section) => ({
      title,
      heading: section.heading,
      address: `${addressOf(path)}${section.anchor === "" ? "" : `#${section.anchor}`}`,
      text: section.text.replaceAll(/\s+/g, " "),
    }))
  ).map((entry, id) => ({ id, ...entry }));
}

async function put(address: string, contents: string | Uint8Array): Promise<void> {
  const file = new URL(address, SITE);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeFile(
    file,
    typeof contents === "string" ? new TextEncoder().encode(contents) : contents,
  );
}

async function bundled(entry: string): Promise<string> {
  const options = ["--quiet", "--frozen", "--minify", "--platform=browser", "--format=iife"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, fromFileUrl(new URL(entry, ROOT).href)],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await new Site().write();
  console.log(`Wrote ${fromFileUrl(new URL("index.html", SITE).href)}: open it in a browser.`);
}
