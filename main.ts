/**
 * Runs the command line.
 *
 * @module
 */

import metadata from "./deno.json" with { type: "json" };
import { commands } from "./src/cli/commands.ts";
import { main } from "./src/cli/main.ts";
import { runSandbox } from "./src/standalone.ts";

if (import.meta.main) {
  // An executable of `deno compile` also runs as its own sandbox (src/daemon/pool/process.ts).
  if (Deno.build.standalone && Deno.args[0] === "__sandbox") {
    await runSandbox();
  } else {
    Deno.exit(await main(Deno.args, metadata.version, commands));
  }
}
