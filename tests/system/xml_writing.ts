/**
 * Fills an XML file so that its end has no room below the limit of a process's files:
 * `xml_writing.ts FILE LIMIT`. Prints the warnings.
 *
 * @module
 */

import { headerOf } from "../../src/output/xml/document.ts";
import xml from "../../src/output/xml/output.ts";

const [path = "", limit = "0"] = Deno.args;
const log = { info: () => {}, warn: (message: string) => console.log(message) };
const writer = await xml.open({ path, sync: true, compress: "none" }, log);
const line = new TextEncoder().encode(
  "x".repeat(Number(limit) - headerOf("packets").length - 2) + "\n",
);
await writer.write(line, 1);
await writer.close();
