/**
 * Writes the JSON Schemas in `schema/` anew: `deno task schema`.
 *
 * @module
 */

import {
  configJsonSchema,
  counterJsonSchema,
  flowJsonSchema,
  packetJsonSchema,
} from "./json_schema.ts";

const schemas = {
  nfscribe: configJsonSchema(),
  packet: packetJsonSchema(),
  flow: flowJsonSchema(),
  counter: counterJsonSchema(),
};
for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url);
  await Deno.writeTextFile(file, `${JSON.stringify(schema, null, 2)}\n`);
}
