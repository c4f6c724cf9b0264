import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import { deno, must, ROOT, temporaryFolder } from "./process.ts";

/** Result of loading a script. */
interface Outcome {
  exports?: string[];
  result?: unknown;
  file?: string;
  problem?: string;
  thrown?: string;
  asked: string[];
  sealed: number;
}

/** Loads `/etc/f/filter.ts` from files in memory, in a process of its own. */
async function load(
  files: Record<string, string>,
  config: string = `${ROOT}deno.json`,
): Promise<Outcome> {
  const command = deno("--config", config, `${ROOT}tests/system/load_script.ts`);
  const input = JSON.stringify({ script: "file:///etc/f/filter.ts", files });
  return JSON.parse(await must(command, input));
}

Deno.test("A script gets the files that it imports, each read once, and is sealed before its first statement", async () => {
  const { exports, result, asked, sealed } = await load({
    "filter.ts": `import { cidr, type Packet } from "nfscribe";
import { a } from "./lists/a.ts";
import * as again from "./lists/a.ts";
import b from "./b.js";
import words from "./words.txt" with { type: "text" };
import table from "./table.json" with { type: "json" };
import type { Only } from "./types.ts";
enum Kind { ONE = 1 }
export const tickMs: number = 50;
export default () => [typeof cidr, a, again.a, b, words, table.x, Kind.ONE];`,
    "lists/a.ts": `import "../b.js"; export const a: string = "A";`,
    "b.js": `export default "B";`,
    "words.txt": "one two",
    "table.json": `{ "x": 7 }`,
  });
  assertEquals(exports, ["default", "tickMs"]);
  assertEquals(result, ["function", "A", "A", "B", "one two", 7, 1]);
  assertEquals(asked.toSorted(), [
    "json table.json",
    "module b.js",
    "module filter.ts",
    "module lists/a.ts",
    "text words.txt",
  ]);
  assertEquals(sealed, 1);
});

Deno.test("Errors have the line of the TypeScript, and the file's own name", async () => {
  const { result } = await load({
    "filter.ts": `interface Unused {\n  x: number;\n}\n// a comment\nexport default (): never => {
  throw new Error("no");\n};`,
  });
  assertMatch(String(result), /Error: no\n\s+at \S+ \(file:\/\/\/etc\/f\/filter\.ts:6:9\)/);
});

Deno.test("A script imports types of nfscribe/packet, which has no code", async () => {
  const { result, asked, problem, thrown } = await load({
    "filter.ts": `import type { TcpHeader } from "nfscribe/packet";
import { type Packet, type StructuredPacket } from "nfscribe/packet";
import * as types from "nfscribe/packet";
import "nfscribe/packet";
export type { HeaderOption } from "nfscribe/packet";
import { names } from "./names.ts";
const flags = ({ flagNames }: TcpHeader) => flagNames;
export default (_packet: Packet, _form?: StructuredPacket) =>
  [typeof flags, names.length, Object.keys(types).length];`,
    "names.ts": `import type { LayerName } from "nfscribe/packet";
export const names: LayerName[] = ["tcp", "udp"];`,
  });
  assertEquals([problem, thrown], [undefined, undefined]);
  assertEquals(result, ["function", 2, 0]);
  assertEquals(asked.toSorted(), ["module filter.ts", "module names.ts"]);
});

const REFUSED: [name: string, source: string, why: string][] = [
  ["Node's modules", `import fs from "node:fs"; fs;`, 'cannot import "node:fs"'],
  ["Node's modules by their bare names", `import fs from "fs"; fs;`, 'cannot import "fs"'],
  ...["pcap", "logemu", "testing", "packet/", "packet.ts", "packet?x", "packet#x", "", "../mod.ts"]
    .map((name): [string, string, string] => [
      `nfscribe/${name}`,
      `import * as x from "nfscribe/${name}"; x;`,
      `cannot import "nfscribe/${name}": it may import its own files, as in "./lists.ts", ` +
      '"nfscribe" and "nfscribe/packet"',
    ]),
  ["a value of nfscribe/packet", `import { Packet } from "nfscribe/packet"; new Packet();`, ""],
  [
    "nfscribe/packet as a text",
    `import x from "nfscribe/packet" with { type: "text" }; x;`,
    "without `with`",
  ],
  ["nfscribe as a text", `import x from "nfscribe" with { type: "text" }; x;`, "without `with`"],
  ["packages", `import x from "npm:x"; x;`, 'cannot import "npm:x"'],
  ["JSR", `export * from "jsr:@std/assert";`, 'cannot import "jsr:@std/assert"'],
  ["remote code", `import "https://example.com/x.ts";`, 'cannot import "https://example.com/x.ts"'],
  ["code in an address", `import "data:text/javascript,1";`, 'cannot import "data:'],
  [
    "files elsewhere",
    `import x from "../../passwd" with { type: "text" }; x;`,
    "its own folder only",
  ],
  ["files by address", `import x from "file:///etc/x.ts"; x;`, "its own folder only"],
  ["files from the root", `import x from "/etc/x.ts"; x;`, "its own folder only"],
  ["files with a query", `import "./x.ts?1";`, "its own folder only"],
  ["WebAssembly", `import * as w from "./x.wasm"; w;`, "like that: modules are"],
  ["CommonJS", `import x from "./x.cjs"; x;`, "like that: modules are"],
  ["JSX", `import x from "./x.tsx"; x;`, "like that: modules are"],
  ["endings in capitals", `import x from "./x.JS"; x;`, "like that: modules are"],
  ["files without an ending", `import x from "./x"; x;`, "like that: modules are"],
  ["JSON without saying so", `import x from "./x.json"; x;`, 'with { type: "json" }'],
  ["other things taken for JSON", `import x from "./x.ts" with { type: "json" }; x;`, "like that"],
  ["bytes", `import x from "./x.ts" with { type: "bytes" }; x;`, ""],
  ["what cannot be parsed", `export default () => {\n  if (\n};`, "/etc/f/filter.ts:3:1"],
  ["files that are not there", `import "./missing.ts";`, "Cannot read it"],
];

for (const [name, source, why] of REFUSED) {
  Deno.test(`A script cannot import ${name}`, async () => {
    const files = { "x.ts": "export default 1;", "x.json": "{}" };
    const { problem = "", thrown = "", file, sealed } = await load({
      ...files,
      "filter.ts": source,
    });
    assertEquals(sealed, 0, "it must not run");
    if (why === "") {
      return assertMatch(thrown + problem, /bytes|attribute|type|does not provide an export/);
    }
    assertStringIncludes(problem, why);
    assertMatch(file!, /^file:\/\/\/etc\/f\//);
  });
}

Deno.test("Files that a script imports are held to the same", async () => {
  const { file, problem } = await load({
    "filter.ts": `import { x } from "./x.ts"; export default () => x;`,
    "x.ts": `import fs from "node:fs"; export const x = fs;`,
  });
  assertEquals(file, "file:///etc/f/x.ts");
  assertStringIncludes(problem!, 'a filter cannot import "node:fs"');
});

for (
  const [name, code] of [
    ["import(…)", `import("./x.ts")`],
    ["import(…) of Node's modules", `import("node:fs")`],
    ["import(…) out of a text", `new Function("return import('node:fs')")()`],
    ["import(…) in eval", `eval("import('node:fs')")`],
    ["an import's source", `new Function("return import.source('./x.wasm')")()`],
    ["a module in an address", `import("data:text/javascript,export default 1")`],
  ] as const
) {
  Deno.test(`A script that runs cannot use ${name}`, async () => {
    const { result } = await load({
      "filter.ts": `export default () => ${code};`,
      "x.ts": "export default 1;",
    });
    assertMatch(String(result), /cannot import while it runs|SyntaxError/);
  });
}

Deno.test("A script is refused before it runs where Deno does not call module hooks", async () => {
  await using folder = await temporaryFolder();
  const imports = Object.fromEntries(
    Object.entries(configuration.imports)
      .map(([name, place]) => [name, place.replace(/^\.\//, `file://${ROOT}`)]),
  );
  const hooks = "data:text/javascript,export function registerHooks() {}" +
    "export function stripTypeScriptTypes() {}";
  const scopes = { [`file://${ROOT}src/sandbox/loader.ts`]: { "node:module": hooks } };
  const config = `${folder.path}/deno.json`;
  const { nodeModulesDir } = configuration;
  await Deno.writeTextFile(
    config,
    JSON.stringify({ imports, scopes, nodeModulesDir, lock: false }),
  );
  const { problem, sealed } = await load({ "filter.ts": "export default () => 1;" }, config);
  assertEquals(sealed, 0);
  assertStringIncludes(problem!, "this build of nfscribe does not call module hooks");
});
