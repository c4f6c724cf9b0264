/**
 * The command line.
 *
 * @module
 */

import metadata from "./deno.json" with { type: "json" };
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, metadata.version));
