/**
 * Writes `schema/nfscribe.schema.json` anew: `deno task schema`.
 *
 * @module
 */

import { configJsonSchema } from "./json_schema.ts";

const file = new URL("../schema/nfscribe.schema.json", import.meta.url);
await Deno.writeTextFile(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
