import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FAST } from "../../scripts/compile.ts";
import { missedModules } from "../../scripts/compile_graph.ts";
import { deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

const COMPILE = [
  ...deno("--allow-read", "--allow-write", "--allow-run"),
  `${ROOT}scripts/compile.ts`,
];

Deno.test("deno task compile --check embeds all modules, with the rights of a configuration", async () => {
  const configuration = ["--for", "packaging/nfscribe.toml"];
  const { code, stdout, stderr } = await run([...COMPILE, "--check", ...configuration]);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^Ready to compile: \d{3} modules and \d+ of packages are embedded\n$/);
});

Deno.test("scripts/nfscribe and an executable give V8 the same options", async () => {
  assertStringIncludes(await Deno.readTextFile(`${ROOT}scripts/nfscribe`), `\nfast=${FAST}\n`);
});

Deno.test("deno task compile says what it cannot use", async () => {
  const { code, stderr } = await run([...COMPILE, "--chek"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `Cannot use "chek"`);
  const unread = await run([...COMPILE, "--check", "--for", "/nowhere.toml"]);
  assertEquals(unread.code, 1);
  assertStringIncludes(unread.stderr, "/nowhere.toml: Cannot read it: there is no such file");
});

Deno.test("deno task compile makes one executable (needs DENORT_BIN, nft and a namespace)", {
  ignore: Deno.env.get("DENORT_BIN") === undefined || !CAN_LOG,
}, async () => {
  await using folder = await temporaryFolder();
  await using work = await folderWithFilter();
  const file = `${folder.path}/nfscribe`;
  await must([...COMPILE, "--output", file]);
  assertMatch(await must(["env", "-i", file, "--version"]), /^nfscribe \d+\.\d+\.\d+\n$/);
  const options = ["--group", "1", "--pcap", "a.pcap", "--filter", "filter.ts"];
  const inFolder = [IN_NAMESPACE, "env", "-C", work.path];
  const said = await must([...inFolder, LOG_PINGS, file, "run", ...options]);
  assertStringIncludes(said, "filter: NotCapable");
  assertStringIncludes(said, "outputs pcap: written 5,");
});

/** Returns what is imported by these texts, but not embedded. */
function missed(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const modules = Object.keys(texts).map((name) => ({ specifier: `file:///p/${name}` }));
  return missedModules([{ modules }], "file:///p/", (url) => texts[url.slice(10)]!);
}

Deno.test("missedModules() finds a thread's file that is not embedded", async () => {
  const text = `new Worker(new URL("./thread.ts", import.meta.url));`;
  assertEquals(await missed({ "src/a.ts": text, "src/thread.ts": "" }), []);
  assertEquals(await missed({ "src/a.ts": text }), [
    "src/a.ts: loads ./thread.ts, which is not embedded; add it to INCLUDED in scripts/compile.ts",
  ]);
});

Deno.test("missedModules() finds imports that are not written out, and no texts that look so", async () => {
  assertEquals(await missed({ "a.ts": `await import("./b.ts"); "import(x)"; // import(x)` }), []);
  for (const computed of ["x", "`./${x}.ts`", "'./' + x"]) {
    assertEquals(await missed({ "a.ts": `const x: string = ""; await import(${computed});` }), [
      "a.ts: imports what cannot be known ahead; write the address out",
    ]);
  }
});

Deno.test("missedModules() finds what cannot be loaded, and what is elsewhere", async () => {
  const modules = [
    { specifier: "npm:/valibot@1.5.0" },
    { specifier: "node:fs" },
    { specifier: "https://example.com/a.ts" },
    { specifier: "file:///p/gone.ts", error: "Module not found" },
  ];
  assertEquals(await missedModules([{ modules }], "file:///p/", () => ""), [
    "https://example.com/a.ts: lies outside of the project",
    "gone.ts: Module not found",
  ]);
});
