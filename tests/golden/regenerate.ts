/**
 * Regenerates the lines of the golden file from the encoder's current output. `deno task golden`
 * runs it; review the changes before you commit them.
 *
 * @module
 */

import { parseGolden, renderGolden } from "./golden.ts";

const file = new URL("logemu.golden", import.meta.url);
const before = await Deno.readTextFile(file);
const after = renderGolden(parseGolden(before));
if (after !== before) await Deno.writeTextFile(file, after);
console.log(after === before ? "The golden file is up to date" : "The golden file changed");
