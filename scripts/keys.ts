/**
 * Writes docs/keys.md anew: `deno task keys`. `deno fmt` then aligns its tables.
 *
 * @module
 */

import { keysPage } from "./reference/keys_page.ts";
import { configJsonSchema } from "./json_schema.ts";

const PAGE = new URL("../docs/keys.md", import.meta.url);

if (import.meta.main) await Deno.writeTextFile(PAGE, keysPage(configJsonSchema()));
