import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { LINES, PARTS } from "./parts.ts";

/** Files and folders that nfscribe and its scripts are made of. */
const TREE = ["deno.json", "deno.lock", "main.ts", "mod.ts", "packet.ts", "pcap.ts"]
  .concat("logemu.ts", "testing.ts", "ffi", "src", "types", "scripts");

/** Copies the tree and adds the parts. */
async function addParts(copy: string): Promise<void> {
  await must(["cp", "-R", ...TREE.map((name) => ROOT + name), copy]);
  for (const [path, text] of Object.entries(PARTS)) {
    await Deno.mkdir(`${copy}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${copy}/${path}`, text);
  }
  for (const [path, lines] of Object.entries(LINES)) {
    let text = await Deno.readTextFile(`${copy}/${path}`);
    for (const [before, after] of lines) {
      assertStringIncludes(text, before, path);
      text = text.replace(before, after);
    }
    await Deno.writeTextFile(`${copy}/${path}`, text);
  }
}

Deno.test("A new output and a new source are a folder and a line in each registry", async (t) => {
  await using folder = await temporaryFolder();
  const copy = `${folder.path}/copy`;
  await Deno.mkdir(copy);
  await addParts(copy);
  const nfscribe = (flags: readonly string[], ...args: readonly string[]) =>
    deno(...flags, `${copy}/main.ts`, ...args);
  const rows = `${folder.path}/rows.csv`;
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "numbers"\ncount = 3\n[output.csv]\npath = "${rows}"\n`,
  );

  await t.step("they have the types that their definitions ask for", async () => {
    await must([
      Deno.execPath(),
      "check",
      "--quiet",
      ...Object.keys(PARTS).map((path) => `${copy}/${path}`),
    ]);
  });

  await t.step("--help and completions have their options", async () => {
    const help = await must(nfscribe([], "run", "--help"));
    assertStringIncludes(help, "--csv FILE");
    assertStringIncludes(help, "--numbers N");
    assertStringIncludes(await must(nfscribe([], "completions", "fish")), "-l csv ");
    const { stderr } = await run(nfscribe([], "run", "rows.csv"));
    assertStringIncludes(stderr, "did you mean --csv rows.csv?");
  });

  await t.step("check knows them and their options", async () => {
    const report = await must(nfscribe(["--allow-read", "--allow-ffi"], "check", "-c", config));
    assertStringIncludes(report, "numbers:3");
    assertStringIncludes(report, "csv");
    const wrong = await run(nfscribe(["--allow-read"], "check", "--numbers", "0", "--csv", rows));
    assertStringIncludes(wrong.stderr, "--numbers: must be a whole number from 1 to 255, not 0");
  });

  await t.step(
    "run writes what the source makes, with the rights that --flags prints",
    async () => {
      const args = ["run", "--numbers", "3", "--csv", rows];
      const flags = await must(nfscribe(["--allow-read"], ...args, "--flags"));
      await must(nfscribe(flags.trim().split("\n"), ...args));
      assertEquals(await Deno.readTextFile(rows), "28,1\n28,2\n28,3\n");
    },
  );

  await t.step("init writes a configuration of them that is right", async () => {
    const made = `${folder.path}/made`;
    const rights = ["--allow-read", "--allow-write", "--allow-env"];
    await must(
      nfscribe(rights, "init", "--folder", made, "--numbers", "7", "--csv", "x.csv", "--yes"),
    );
    const text = await Deno.readTextFile(`${made}/nfscribe.toml`);
    assertStringIncludes(text, '[[source]]\ntype = "numbers"\ncount = 7 ');
    assertStringIncludes(text, '# rows for a spreadsheet\npath = "x.csv"\n');
    const ours = ["--allow-read", "--allow-ffi", "--allow-run", "--allow-write", "--allow-env"];
    await must(nfscribe(ours, "check", "-c", `${made}/nfscribe.toml`));
  });

  await t.step("doctor examines them", async () => {
    const { stdout, stderr } = await run(nfscribe(["-A"], "doctor", "-c", config, "--json"));
    assert(stdout !== "", stderr);
    const checks: { check: string; state: string }[] = JSON.parse(stdout).checks;
    const stateOf = (name: string) => checks.find(({ check }) => check === name)?.state;
    assertEquals([stateOf("source numbers:3"), stateOf("output csv")], ["ok", "ok"]);
    // No group has to be looked at.
    assertEquals([stateOf("capability"), stateOf("buffer")], [undefined, undefined]);
  });

  await t.step("the JSON Schema and the pages have their keys", async () => {
    await Deno.mkdir(`${copy}/schema`);
    await must(deno("--allow-write", `${copy}/scripts/schema.ts`));
    const { definitions } = JSON.parse(
      await Deno.readTextFile(`${copy}/schema/nfscribe.schema.json`),
    );
    assertEquals(definitions["source.numbers"].properties.type.const, "numbers");
    assertEquals(definitions["output.csv"].properties.type.const, "csv");
    await must(deno("--allow-read", "--allow-write", `${copy}/scripts/man.ts`));
    assertStringIncludes(await Deno.readTextFile(`${copy}/packaging/man/nfscribe.1`), "csv");
  });

  await t.step("the import rules hold", async () => {
    await must(deno("--allow-read", "--allow-run", `${copy}/scripts/check_imports.ts`));
  });
});
