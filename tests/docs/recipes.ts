/**
 * The recipes of docs/cookbook.md: everything below a heading of the second level.
 *
 * - A block of `ts` is the script, `filter.ts`, and one of `toml` belongs into
 *   `nfscribe.toml`; another file is named above its block, as in "`routes.ts`:".
 * - The table tells packets and where each goes, in order.
 * - Blocks without a language are lines that the script causes; one of `json` is what it
 *   attaches, a packet a line.
 *
 * @module
 */

import type { Packet } from "nfscribe";
import { packet, type PacketFields } from "nfscribe/testing";

/** One recipe. */
export interface Recipe {
  /** Its heading. */
  question: string;
  /** Its files, by name. */
  files: Map<string, string>;
  /** Its packets, in order. */
  packets: Packet[];
  /** Their outputs, as in `pcap, logemu`. */
  verdicts: string[];
  /** Lines that it writes by itself. */
  lines: string[];
  /** Values that it attaches, as JSON. */
  attached: string[];
}

/**
 * Finds the recipes.
 *
 * @param markdown The document.
 * @throws {Error} If something of a recipe is missing, or cannot be read.
 */
export function recipesOf(markdown: string): Recipe[] {
  const [, ...sections] = markdown.split(/^## /m);
  return sections.map((text) => {
    const question = text.slice(0, text.indexOf("\n"));
    const blocks = blocksOf(text);
    const linesOf = (language: string) =>
      blocks.filter((block) => block.language === language)
        .flatMap((block) => block.text.trimEnd().split("\n"));
    const recipe: Recipe = {
      question,
      files: filesOf(blocks),
      packets: [],
      verdicts: [],
      lines: linesOf(""),
      attached: linesOf("json"),
    };
    for (const row of rowsOf(text)) {
      recipe.packets.push(packet(fieldsOf(row.fields)));
      recipe.verdicts.push(row.verdict);
    }
    if (!recipe.files.has("filter.ts") || recipe.packets.length === 0) {
      throw new Error(`"${question}": a recipe is a script and a table of packets`);
    }
    return recipe;
  });
}

interface Block {
  language: string;
  text: string;
  /** The file that the text above it names. */
  file: string | undefined;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((found) => {
    const [, language, block] = found;
    const file = /`([\w.]+)`:\s*$/.exec(text.slice(0, found.index))?.[1];
    return { language: language!, text: block!, file };
  });
}

function filesOf(blocks: readonly Block[]): Map<string, string> {
  const names: Record<string, string> = { ts: "filter.ts", toml: "nfscribe.toml" };
  return new Map(
    blocks.flatMap(({ language, text, file = names[language] }) =>
      file === undefined ? [] : [[file, text]]
    ),
  );
}

interface Row {
  fields: string;
  verdict: string;
}

function rowsOf(text: string): Row[] {
  const [, , ...lines] = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) => {
    const [, fields, verdict] = /^\| `(.+)` +\| (.+?) +\|$/.exec(line) ?? [];
    if (fields === undefined) throw new Error(`no row of packets: ${line}`);
    return { fields, verdict: verdict! };
  });
}

/** Evaluates a row's packet, which the project's own document writes as TypeScript. */
function fieldsOf(expression: string): PacketFields {
  return new Function("packet", `return ${expression}`)(packet);
}
