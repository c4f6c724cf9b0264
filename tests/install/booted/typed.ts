/**
 * Commands of the documents, as an administrator types them.
 *
 * @module
 */

import { ROOT } from "../../system/process.ts";

/**
 * Returns the commands of a section's blocks of `console`, without `sudo`.
 *
 * @param document The document's name below `docs/`.
 * @param heading The section's heading.
 * @param editing The command that stands for the editor.
 * @throws {Error} If there are none.
 */
export function typed(document: string, heading: string, editing = "true"): string[] {
  const text = Deno.readTextFileSync(`${ROOT}docs/${document}`);
  const section = text.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, lines]) => lines!);
  const commands = [...blocks.join("").matchAll(/^\$ (?:sudo )?(.*?)(?: +#.*)?$/gm)]
    .map(([, command]) => command!.startsWith("editor ") ? editing : command!);
  if (commands.length === 0) throw new Error(`docs/${document} has no commands in "${heading}"`);
  return commands;
}
