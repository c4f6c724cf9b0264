/**
 * Writes the manual pages anew: `deno task man`. A page's date is the day of its
 * last change.
 *
 * @module
 */

import metadata from "../deno.json" with { type: "json" };
import { allSections } from "../src/cli/commands.ts";
import { configJsonSchema } from "./json_schema.ts";
import { commandPage } from "./man/command_page.ts";
import { configPage } from "./man/config_page.ts";

/** Folder of the pages. */
export const FOLDER: URL = new URL("../packaging/man/", import.meta.url);

/** Makers of the pages, with the day of their last change, by the name of the file. */
export async function manPages(): Promise<Record<string, (date: string) => string>> {
  const source = `nfscribe ${metadata.version}`;
  const sections = await allSections();
  const schema = configJsonSchema();
  return {
    "nfscribe.1": (date) => commandPage(sections, { date, source }),
    "nfscribe.toml.5": (date) => configPage(schema, { date, source }),
  };
}

/** Returns the day of a page's last change; undefined in what is no page. */
export function dateOf(page: string): string | undefined {
  return /^\.TH \S+ \d (\S+) /m.exec(page)?.[1];
}

async function writePages(): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const [name, page] of Object.entries(await manPages())) {
    const file = new URL(name, FOLDER);
    const before = await Deno.readTextFile(file).catch(() => "");
    if (before !== page(dateOf(before) ?? today)) await Deno.writeTextFile(file, page(today));
  }
}

if (import.meta.main) await writePages();
