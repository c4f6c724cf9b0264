import { assertEquals, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import configuration from "../../deno.json" with { type: "json" };
import { udpPacket } from "./packets.ts";
import { deno, ROOT, run, temporaryFolder } from "./process.ts";

/** Shows whether it has run. */
const FILTER = `console.log("the filter has run");
export default () => "pcap";`;

/** Deno's configuration for a nfscribe in which Node's module hooks are never called. */
function withoutHooks(): string {
  const imports = Object.fromEntries(
    Object.entries(configuration.imports)
      .map(([name, place]) => [name, place.replace(/^\.\//, `file://${ROOT}`)]),
  );
  const scopes = {
    [`file://${ROOT}src/sandbox/lockdown.ts`]: {
      "node:module": "data:text/javascript,export function registerHooks() {}",
    },
  };
  const { unstable, nodeModulesDir } = configuration;
  return JSON.stringify({ imports, scopes, unstable, nodeModulesDir, lock: false });
}

Deno.test("a filter is refused before it runs where Deno does not call module hooks", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await using file = await pcapFile(`${path}/trace.pcap`);
  await file.write(udpPacket(1));
  await Deno.writeTextFile(`${path}/filter.ts`, FILTER);
  await Deno.writeTextFile(`${path}/deno.json`, withoutHooks());
  const command = [`${ROOT}main.ts`, "test", `${path}/filter.ts`, `${path}/trace.pcap`];
  const said = await run(deno("--allow-read", ...command));
  assertStringIncludes(said.stderr, "the filter has run");
  assertEquals(said.code, 0);
  const refused = await run(deno("--allow-read", "--config", `${path}/deno.json`, ...command));
  assertEquals(refused, {
    code: 2,
    stdout: "",
    stderr: `nfscribe: ${path}/filter.ts: a filter cannot be held here: this build of nfscribe ` +
      "does not call module hooks, so it could import Node's modules and reach files; " +
      "run nfscribe from its sources or its bundle\n",
  });
});
