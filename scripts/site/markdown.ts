/**
 * Documents as pages of the site: Markdown to HTML, with anchors, links, and the parts that are
 * searched. Pure.
 *
 * @module
 */

import MarkdownIt from "markdown-it";
import { anchors, isOutside } from "./links.ts";

/** A part of a page below a heading, as it is searched. */
export interface Section {
  heading: string;
  /** Anchor; empty for what stands before the first heading. */
  anchor: string;
  level: number;
  text: string;
}

/** A document as HTML. */
export interface Rendered {
  title: string;
  html: string;
  sections: Section[];
}

const markdown = new MarkdownIt({ html: true });

type Token = ReturnType<typeof markdown.parse>[number];

/** Returns the text of a heading or a paragraph, without marks. */
function textOf({ children, content }: Token): string {
  return (children ?? []).map((child: Token) => child.type === "softbreak" ? " " : child.content)
    .join(
      "",
    ) || content;
}

/**
 * Renders a document.
 *
 * @param text The Markdown.
 * @param linked Returns the link on the page for one of the document.
 * @param recording Returns the HTML of a recording's player; undefined for links to other things.
 * @param titleOf Returns the title of the page that a link leads to; it is shown in place of a file's name.
 */
export function render(
  text: string,
  linked: (link: string) => string,
  recording: (link: string) => string | undefined,
  titleOf: (link: string) => string | undefined = () => undefined,
): Rendered {
  const tokens = markdown.parse(text.replaceAll(/<!--[^]*?-->\n*/g, ""), {});
  const anchorOf = anchors();
  const sections: Section[] = [{ heading: "", anchor: "", level: 1, text: "" }];
  const players = new Map<Token, string>();
  for (const [index, token] of tokens.entries()) {
    const inline = tokens[index + 1];
    if (token.type === "heading_open" && inline !== undefined) {
      const heading = textOf(inline);
      const anchor = anchorOf(heading);
      token.attrSet("id", anchor);
      sections.push({ heading, anchor, level: Number(token.tag.slice(1)), text: "" });
    } else if (token.type === "inline" && tokens[index - 1]?.type !== "heading_open") {
      sections.at(-1)!.text += `${textOf(token)} `;
    } else if (token.type === "fence" || token.type === "code_block") {
      sections.at(-1)!.text += `${token.content} `;
    }
    if (token.type === "fence") token.info = "";
    for (const [place, child] of (token.children ?? []).entries()) {
      const link = child.attrGet("href");
      const name = token.children![place + 1];
      if (link !== null && name?.content.endsWith(".md")) {
        name.content = titleOf(`${link}`) ?? name.content;
      }
      const player = link === null ? undefined : recording(`${link}`);
      if (player !== undefined) players.set(tokens[index + 1]!, player);
      for (const name of ["href", "src"]) {
        const value = child.attrGet(name);
        if (value !== null && !isOutside(`${value}`)) child.attrSet(name, linked(`${value}`));
      }
      child.content = withSources(child, linked);
    }
    token.content = withSources(token, linked);
  }
  let tables = 0;
  const framed = tokens.flatMap((token) => {
    if (token.type === "table_open") return [frame(++tables), token];
    if (token.type === "table_close") return [token, htmlToken("</div>\n")];
    const player = players.get(token);
    return player === undefined ? [token] : [token, htmlToken(player)];
  });
  const html = markdown.renderer.render(framed, markdown.options, {})
    .replaceAll(/<th[^>]*>\s*<\/th>/g, "<td></td>")
    // The keyboard scrolls what it can reach.
    .replaceAll("<pre>", '<pre tabindex="0">');
  const title = sections.find(({ level, heading }) => level === 1 && heading !== "")?.heading ?? "";
  return { title, html, sections };
}

/** Returns the beginning of a table's frame, which scrolls by itself. */
function frame(number: number): Token {
  return htmlToken(`<div class="table" role="region" tabindex="0" aria-label="Table ${number}">`);
}

function htmlToken(content: string): Token {
  const [token] = markdown.parse("<p>", {});
  token!.content = content;
  return token!;
}

/** Returns the contents of a token; images of HTML lead to where they are on the site. */
function withSources({ type, content }: Token, linked: (link: string) => string): string {
  if (!type.startsWith("html_")) return content;
  return content.replaceAll(/src="([^"]+)"/g, (_: string, link: string) => `src="${linked(link)}"`);
}
