/**
 * Regenerates the lines of the golden files from the encoders' current output. `deno task golden`
 * runs it; review the changes before you commit them.
 *
 * @module
 */

import { parseGolden, renderGolden } from "./golden.ts";
import { renderJson } from "./json.ts";
import { renderKeys } from "./keys.ts";

const lines = await Deno.readTextFile(new URL("logemu.golden", import.meta.url));
const golden = parseGolden(lines);
await write("logemu.golden", renderGolden(golden));
await write("json.golden", renderJson(golden.cases));
await write("keys.golden", renderKeys(golden.cases));

async function write(name: string, after: string): Promise<void> {
  const file = new URL(name, import.meta.url);
  const before = await Deno.readTextFile(file).catch(() => "");
  if (after !== before) await Deno.writeTextFile(file, after);
  console.log(`${name} ${after === before ? "is up to date" : "changed"}`);
}
