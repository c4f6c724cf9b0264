import { assertEquals } from "@std/assert";
import { castText, momentsOf } from "../../scripts/cast.ts";
import { excerpt } from "../../scripts/site/excerpt.ts";
import { escaped, layout } from "../../scripts/site/layout.ts";
import { addressOf, anchors, linkBetween, targetOf } from "../../scripts/site/links.ts";
import { render } from "../../scripts/site/markdown.ts";

Deno.test("Files of the repository have addresses in the site", () => {
  assertEquals(
    ["README.md", "docs/README.md", "docs/keys.md", "docs/a.svg", "examples/a.ts"].map(addressOf),
    ["index.html", "docs/index.html", "docs/keys.html", "docs/a.svg", "examples/a.ts.txt"],
  );
  assertEquals(linkBetween("docs/decisions/a.html", "index.html"), "../../index.html");
  assertEquals(targetOf("docs/a.md", "../README.md#see-it"), {
    path: "README.md",
    fragment: "#see-it",
  });
  assertEquals(targetOf("docs/README.md", "screens/"), { path: "docs/screens", fragment: "" });
});

Deno.test("Headings of the same text have anchors of their own", () => {
  const anchorOf = anchors();
  assertEquals(["`[web]`: A, b", "Files", "Files"].map(anchorOf), ["web-a-b", "files", "files-1"]);
});

Deno.test("A document becomes HTML, with anchors, links of the site, and parts that are searched", () => {
  const text = "# A *title*\n\nOne [b](b.md)\n<!-- until: x -->\n\n## Two\n\n```sh\nls <a\n```\n";
  const { html, sections, title } = render(text, (link) => `to/${link}`, () => undefined);
  assertEquals(title, "A title");
  assertEquals(
    html,
    '<h1 id="a-title">A <em>title</em></h1>\n<p>One <a href="to/b.md">b</a></p>\n' +
      '<h2 id="two">Two</h2>\n<pre tabindex="0"><code>ls &lt;a\n</code></pre>\n',
  );
  assertEquals(sections.map(({ heading, text }) => [heading, text.trim()]), [
    ["", ""],
    ["A title", "One b"],
    ["Two", "ls <a"],
  ]);
});

Deno.test("A link by the name of a page has its title", () => {
  const nothing = () => undefined;
  const { html } = render("[b.md](b.md), [c](b.md)\n", (link) => link, nothing, () => "B");
  assertEquals(html, '<p><a href="b.md">B</a>, <a href="b.md">c</a></p>\n');
});

Deno.test("A table has a frame of its own, a recording a player, an image its place", () => {
  const table = render("| | b |\n| - | - |\n| 1 | 2 |\n", (link) => link, () => undefined).html;
  assertEquals(table.startsWith('<div class="table" role="region" tabindex="0"'), true);
  assertEquals(table.includes("<th></th>"), false);
  const cast = render("[a](a.cast)\n", (link) => link, (link) => `<i>${link}</i>`).html;
  assertEquals(cast, '<p><a href="a.cast">a</a></p>\n<i>a.cast</i>');
  const image = render('<img src="a.png">\n', (link) => `to/${link}`, () => undefined).html;
  assertEquals(image.trim(), '<p><img src="to/a.png"></p>'.replace(/<\/?p>/g, ""));
});

Deno.test("Excerpts begin and end with whole words, around what was found", () => {
  const text = `${"before ".repeat(30)}LOST ${"afterwards ".repeat(30)}`.trim();
  const words = excerpt(text, ["absent", "lost"]).split(" ");
  assertEquals([words.at(0), words.at(-1)], ["…", "…"]);
  assertEquals(new Set(words.slice(1, -1)), new Set(["before", "LOST", "afterwards"]));
  assertEquals(excerpt("all of it", ["it"]), "all of it");
  assertEquals(excerpt("x".repeat(200), ["absent"]), `${"x".repeat(180)} …`);
});

Deno.test("Names of pages are text in the frame", () => {
  assertEquals(escaped('<a b="c">&'), "&lt;a b=&quot;c&quot;>&amp;");
  const page = { address: "a/b.html", title: "<b>", html: "", contents: [], hasRecording: false };
  const html = layout(page, [{ title: "G", pages: [{ title: "B", address: "a/b.html" }] }]);
  assertEquals(html.includes("<title>&lt;b> - nfscribe</title>"), true);
  assertEquals(html.includes('<a href="../a/b.html" aria-current="page">B</a>'), true);
});

Deno.test("A recording has a header and moments that come one after the other", () => {
  const moments = momentsOf("ls", "# One\nfile\n");
  assertEquals(moments.map(([, , text]) => text).join(""), "$ ls\r\n# One\r\nfile\r\n$ ");
  const times = moments.map(([seconds]) => seconds);
  assertEquals(times, [...times].sort((a, b) => a - b));
  const [header, first] = castText(moments).split("\n").map((line) => JSON.parse(line || "null"));
  assertEquals([header.version, header.width, first], [2, 100, [0, "o", "$ "]]);
});
