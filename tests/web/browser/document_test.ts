import { assert, assertEquals, assertLess } from "@std/assert";
import { DOCUMENT, documentFiles } from "../../../scripts/page.ts";

/** Most bytes of the whole page, compressed. */
const SIZE_MAX = 150_000;

/** Returns the size of a text in gzip, in bytes. */
async function compressedSize(text: string): Promise<number> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

Deno.test("The files in src/web/document are those that deno task page writes, below 150 kB compressed", async () => {
  let size = 0;
  const made = await documentFiles();
  const committed = [...Deno.readDirSync(DOCUMENT)].map(({ name }) => name);
  assertEquals(committed.sort(), Object.keys(made).sort());
  for (const [name, text] of Object.entries(made)) {
    const committed = await Deno.readTextFile(new URL(name, DOCUMENT));
    assert(committed === text, `${name} is old: deno task page`);
    size += await compressedSize(text);
  }
  assertLess(size, SIZE_MAX);
});

Deno.test("The document takes nothing from elsewhere, and has no script or style in it", async () => {
  const html = await Deno.readTextFile(new URL("index.html", DOCUMENT));
  assertEquals(html.match(/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=/), null);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert(/^(page\.(js|css)|data:image\/svg\+xml,)/.test(address!), address!);
  }
  const css = await Deno.readTextFile(new URL("page.css", DOCUMENT));
  assertEquals(css.match(/url\((?!["']?data:)/), null);
});
