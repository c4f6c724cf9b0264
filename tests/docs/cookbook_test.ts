import { assert, assertEquals } from "@std/assert";
import { type FilterModule, pcapFile, type Verdict } from "nfscribe";
import { filterContext } from "nfscribe/testing";
import { namedOutputs } from "../../src/cli/named_outputs.ts";
import { withAbsolutePaths } from "../../src/cli/options.ts";
import { checkConfig, type Config } from "../../src/config/config.ts";
import { readConfigFile } from "../../src/config/file.ts";
import { Log } from "../../src/log/log.ts";
import { run } from "../../src/daemon/run.ts";
import type { TraceRow } from "../../src/sandbox/setup.ts";
import { canRun, must, ROOT, temporaryFolder } from "../system/process.ts";
import { type Recipe, recipesOf } from "./recipes.ts";

/** Number of recipes that are tried at the same time. */
const AT_A_TIME = 5;
const TEXT = Deno.readTextFileSync(`${ROOT}docs/cookbook.md`);
const RECIPES = recipesOf(TEXT);
const IN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--net"];
const CAN_NFT = canRun(...IN_NAMESPACE, "nft", "list", "tables");

/**
 * Returns the recipe's filter and outputs, in a folder with its files; packets come from
 * `trace.pcap`.
 */
async function configOf(recipe: Recipe, folder: string): Promise<Config> {
  const file = `${folder}/nfscribe.toml`;
  const toml = recipe.files.has("nfscribe.toml") ? await readConfigFile(file) : {};
  const config = checkConfig({
    source: [{ type: "pcap", path: `${folder}/trace.pcap` }],
    // Many sandboxes start at once.
    filter: {
      timeout_ms: 60_000,
      ...toml.filter as Record<string, unknown>,
      script: `${folder}/filter.ts`,
    },
    output: toml.output ?? {
      pcap: { path: `${folder}/pcap` },
      logemu: { path: `${folder}/logemu`, hostname: "gate" },
    },
  }, file);
  return { ...config, filter: withAbsolutePaths(config.filter!) };
}

/** Runs a configuration to its end; returns nfscribe's messages but for the first and the last. */
async function runToEnd(config: Config, onTrace?: (rows: TraceRow[]) => void): Promise<string[]> {
  const messages: string[] = [];
  const log = new Log({ ...config.log, level: "info" }, (line) => {
    if (!/: (started|stopped)/.test(line)) messages.push(line.trimEnd());
  });
  const { signal } = new AbortController();
  await run(config, log, { signal, ...onTrace === undefined ? {} : { onTrace } });
  return messages;
}

/** Writes a verdict as tables of the document do. */
function cell(verdict: Verdict, outputs: readonly string[]): string {
  const names = verdict === true ? outputs : verdict ? [verdict].flat() : [];
  return names.join(", ") || "dropped";
}

/** Calls the filter as a unit test does: with packets that know the names of interfaces. */
async function callFilter(recipe: Recipe, { filter, outputs }: Config): Promise<void> {
  const context = filterContext(outputs.map(({ name }) => name));
  const module: FilterModule = await import(`file://${filter!.script}`);
  await module.start?.(context);
  const verdicts = [];
  for (const packet of recipe.packets) {
    verdicts.push(cell(await module.default(packet, context), context.outputs));
  }
  assertEquals(verdicts, recipe.verdicts);
  assertEquals(context.attached.map((fields) => JSON.stringify(fields)), recipe.attached);
}

/** Compares the filter's verdicts with those of its sandbox, as `nfscribe test` shows them. */
async function traceFilter(recipe: Recipe, config: Config): Promise<void> {
  const rows: TraceRow[] = [];
  const names = config.outputs.map(({ name }) => name).join();
  const { outputs } = checkConfig({
    source: [{ type: "pcap", path: "x" }],
    output: namedOutputs(names),
  }, "");
  await runToEnd({ ...config, outputs }, (more) => rows.push(...more));
  const decided = rows.filter(({ packet }) => packet !== undefined);
  assertEquals(decided.map(({ outputs, error }) => error ?? cell(outputs, [])), recipe.verdicts);
}

/** Lines that the script causes: in nfscribe's log, in LOGEMU text. */
async function linesOf(config: Config, folder: string): Promise<string[]> {
  const messages = await runToEnd(config);
  const text = await Deno.readTextFile(`${folder}/logemu`);
  return [...messages, ...[...text.matchAll(/EVENT=.*\S/g)].map(([event]) => event)];
}

async function tryRecipe(recipe: Recipe): Promise<void> {
  await using folder = await temporaryFolder();
  // Root's sandboxes run as the overflow user, which must be able to read what a recipe grants.
  await Deno.chmod(folder.path, 0o755);
  for (const [name, text] of recipe.files) {
    await Deno.writeTextFile(`${folder.path}/${name}`, text);
  }
  {
    await using file = await pcapFile(`${folder.path}/trace.pcap`, { linkType: "nflog" });
    for (const packet of recipe.packets) await file.write(packet);
  }
  const config = await configOf(recipe, folder.path);
  await callFilter(recipe, config);
  await traceFilter(recipe, config);
  if (recipe.lines.length > 0) {
    assertEquals(await linesOf(config, folder.path), recipe.lines);
  }
}

Deno.test("The recipes of docs/cookbook.md do what they say", async (t) => {
  const alone = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  // Most of a run is waiting; what is not finds room on two cores.
  const left = RECIPES.values();
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    for (const recipe of left) {
      await t.step({ name: recipe.question, fn: () => tryRecipe(recipe), ...alone });
    }
  }));
});

Deno.test({
  name: "The rules of docs/cookbook.md can be loaded (needs nft and a network namespace)",
  ignore: !CAN_NFT,
  async fn() {
    const rules = TEXT.split("\n").filter((line) => line.startsWith("    nft "));
    assert(rules.length > 0);
    const chains = ["input", "output"].map((hook) =>
      `nft "add chain inet filter ${hook} { type filter hook ${hook} priority 0; }"`
    );
    const script = ["set -e", "nft add table inet filter", ...chains, ...rules].join("\n");
    await must([...IN_NAMESPACE, "sh", "-c", script]);
  },
});
