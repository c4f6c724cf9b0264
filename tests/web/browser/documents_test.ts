/// <reference lib="dom" />
/** The site of the documents, as `deno task site` writes it. */

import { assertEquals, assertGreater } from "@std/assert";
import { deno, must, ROOT, temporaryFolder } from "../../system/process.ts";
import { requireAccessible } from "./axe.ts";
import { CHROMIUM, Chromium, type Tab } from "./chromium.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
};

async function makeSite(folder: string): Promise<void> {
  const rights = [`--allow-read=${ROOT}`, `--allow-write=${folder}`, "--allow-run"];
  const script = `${ROOT}scripts/site.ts`;
  await must(deno(...rights, "--allow-env=NO_COLOR", script, folder));
}

/** Lists the files of a folder and of those in it. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    files.push(...isDirectory ? await filesOf(path) : [path]);
  }
  return files;
}

/** Serves a folder on this host. */
function serve(folder: string): { address: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    try {
      const file = await Deno.readFile(folder + path);
      const type = TYPES[path.split(".").at(-1)!] ?? "text/plain; charset=utf-8";
      return new Response(file, { headers: { "content-type": type } });
    } catch {
      return new Response("There is no such file", { status: 404 });
    }
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Returns the links and sources of the site's pages that lead nowhere, or elsewhere. */
async function brokenLinks(folder: string): Promise<string[]> {
  const files = new Set(await filesOf(folder));
  const pages = [...files].filter((path) => path.endsWith(".html"));
  assertGreater(pages.length, 50);
  const texts = new Map<string, string>();
  for (const path of pages) texts.set(path, await Deno.readTextFile(path));
  const broken: string[] = [];
  for (const [path, text] of texts) {
    for (const [attribute, name, link] of text.matchAll(/ (href|src)="([^"]*)"/g)) {
      if (/^data:/.test(link!) || name === "href" && /^https?:/.test(link!)) continue;
      const { hash, pathname } = new URL(link!.replaceAll("&amp;", "&"), `file://${path}`);
      const id = ` id="${decodeURIComponent(hash.slice(1))}"`;
      const target = decodeURIComponent(pathname);
      const isThere = files.has(target) &&
        (hash === "" || hash === "#text" || texts.get(target)?.includes(id));
      if (!isThere) broken.push(`${path.slice(folder.length)}:${attribute}`);
    }
  }
  return broken;
}

/** Requires that nothing of the page came from another host, and that it is no wider than the window. */
async function requireOwn(tab: Tab, address: string): Promise<void> {
  const names = await tab.page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name)
  );
  assertEquals(names.filter((name) => !name.startsWith(address) && !name.startsWith("data:")), []);
  const isWide = await tab.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assertEquals(isWide, false, `${tab.page.url()} is wider than the window`);
}

Deno.test({
  name: "the site of the documents: no link leads nowhere, pages are accessible, light and dark, " +
    "search finds, a recording plays, nothing comes from elsewhere (needs Chromium)",
  ignore: CHROMIUM === undefined,
  async fn() {
    await using folder = await temporaryFolder();
    await makeSite(folder.path);
    assertEquals(await brokenLinks(folder.path), []);

    await using server = serve(folder.path);
    await using chromium = await Chromium.start();
    const pages = ["index.html", "docs/keys.html", "docs/web.html"];
    for (const [width, isDark] of [[390, true], [1280, false]] as const) {
      for (const page of pages) {
        await using tab = await chromium.open(`${server.address}/${page}`, { width, isDark });
        await requireAccessible(tab, `${page} at ${width} pixels`);
        await requireOwn(tab, server.address);
      }
    }

    await using tab = await chromium.open(`${server.address}/index.html`);
    await tab.page.waitForSelector(".cast .ap-player");
    await tab.press("/");
    await tab.page.keyboard.type("rotate_size");
    await tab.see(".found a", "Every key");
    await requireAccessible(tab, "results of a search");
    await tab.page.keyboard.press("Enter");
    await tab.see("h1", /^(?:Configuration|Every key)$/);
    await tab.click(".theme");
    const theme = await tab.page.evaluate(() => document.documentElement.style.colorScheme);
    assertEquals(theme, "dark");
    await tab.page.reload();
    const kept = await tab.page.evaluate(() => document.documentElement.style.colorScheme);
    assertEquals(kept, "dark");
  },
});
