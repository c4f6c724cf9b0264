import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "../system/process.ts";

/** Lists the pages for readers: the project's own, and those of its folders. */
async function pagesOf(...folders: readonly string[]): Promise<string[]> {
  const pages: string[] = [];
  for (const folder of folders) {
    for await (const { name } of Deno.readDir(ROOT + folder)) {
      if (name.endsWith(".md")) pages.push(folder + name);
    }
  }
  return pages.sort();
}

/** Returns a page without code, in which what looks like a link is none. */
function proseOf(text: string): string {
  return text.replaceAll(/^( *)```[^]*?^\1```$/gm, "").replaceAll(
    /`[^`\n]+`/g,
    (code) => code.replaceAll(/[[\]()]/g, " "),
  );
}

/** Returns the anchors that readers' browsers make of a page's headings. */
function anchorsOf(text: string): string[] {
  const count = new Map<string, number>();
  const headings = text.replaceAll(/^( *)```[^]*?^\1```$/gm, "").matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading]) => {
    const anchor = heading!.toLowerCase().replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    const before = count.get(anchor) ?? 0;
    count.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** Returns the links of a page that lead nowhere. */
async function broken(page: string, text: string): Promise<string[]> {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const wrong: string[] = [];
  for (const link of links.filter((link) => !/^[a-z]+:/.test(link))) {
    const { pathname, hash } = new URL(link, `file://${ROOT}${page}`);
    try {
      const { isFile } = await Deno.stat(pathname);
      if (hash === "") continue;
      const anchors = isFile ? anchorsOf(await Deno.readTextFile(pathname)) : [];
      if (!anchors.includes(decodeURIComponent(hash.slice(1)))) wrong.push(`${page}: ${link}`);
    } catch {
      wrong.push(`${page}: ${link}`);
    }
  }
  return wrong;
}

Deno.test("Every link of a document leads somewhere, to a heading that is there", async () => {
  const pages = await pagesOf("", "docs/", "examples/");
  assertEquals(pages.includes("README.md") && pages.includes("docs/library.md"), true);
  for (const page of pages) {
    assertEquals(await broken(page, await Deno.readTextFile(ROOT + page)), []);
  }
});

Deno.test("A link to a page or a heading that is not there is found", async () => {
  const text = "[a](outputs.md) [b](nowhere.md) [c](library.md#nothing), `[d](no-link)`";
  const wrong = ["docs/a.md: nowhere.md", "docs/a.md: library.md#nothing"];
  assertEquals(await broken("docs/a.md", text), wrong);
});

Deno.test("README.md leads to docs/README.md, and that to every document", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  assertStringIncludes(readme, "](docs/README.md)");
  const index = await Deno.readTextFile(`${ROOT}docs/README.md`);
  const documents = (await pagesOf("docs/")).map((page) => page.replace("docs/", ""));
  assertEquals(
    documents.filter((page) => page !== "README.md" && !index.includes(`](${page})`)),
    [],
  );
});

Deno.test("Anchors are made of headings as browsers show them", () => {
  assertEquals(
    anchorsOf('# A `type = "pcap"`: b\n## Files\n```sh\n# no\n```\n## Files\n### [x](y.md) Z\n'),
    ["a-type--pcap-b", "files", "files-1", "x-z"],
  );
});
