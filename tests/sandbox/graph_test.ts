import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { moduleGraph, ScriptError } from "../../src/sandbox/graph.ts";

/** Files in memory, below `/etc/f/`. */
function graphOf(files: Record<string, string>, script = "filter.ts"): Promise<string[]> {
  return moduleGraph(`file:///etc/f/${script}`, ({ pathname }) => {
    const text = files[pathname.replace("/etc/f/", "")];
    return text === undefined ? Promise.reject(new Deno.errors.NotFound()) : Promise.resolve(text);
  });
}

async function refusal(files: Record<string, string>, script?: string): Promise<string> {
  const error = await assertRejects(() => graphOf(files, script), ScriptError);
  return error.message;
}

Deno.test("moduleGraph() finds the files that a script imports, each once", async () => {
  assertEquals(
    await graphOf({
      "filter.ts": `import { cidr, type Packet } from "nfscribe";
import { a } from "./lists/a.ts";
import type { B } from "node:b";
export * from './b.js';
export default (p: Packet): boolean => a.has(cidr, p satisfies Packet as B);`,
      "lists/a.ts": `import { b } from "../b.js"; export const a = <T>(x: T) => b;`,
      "b.js": `import * as self from "./filter.ts"; export const b = /import("x")/ && self;`,
    }),
    ["file:///etc/f/filter.ts", "file:///etc/f/lists/a.ts", "file:///etc/f/b.js"],
  );
});

const REFUSED: [name: string, source: string, why: string][] = [
  ["Node's modules", `import fs from "node:fs"; fs;`, 'cannot import "node:fs"'],
  ["Node's modules by their bare names", `import fs from "fs"; fs;`, 'cannot import "fs"'],
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
  ["imports while it runs", `export default () => import("./x.ts");`, "while it runs"],
  ["computed imports", `export default (x: string) => import /* … */ (x);`, "while it runs"],
  ["what cannot be parsed", `export default () => {\n  if (\n};`, "/etc/f/filter.ts:3:1"],
  ["files that are not there", `import "./missing.ts";`, "/etc/f/missing.ts: Cannot read it"],
];

for (const [name, source, why] of REFUSED) {
  Deno.test(`moduleGraph() refuses ${name}`, async () => {
    const message = await refusal({ "filter.ts": source });
    assertStringIncludes(message, why);
    assertStringIncludes(message, "/etc/f/");
  });
}

Deno.test("moduleGraph() looks into imported files, too", async () => {
  const message = await refusal({
    "filter.ts": `import { x } from "./x.ts"; export default () => x;`,
    "x.ts": `import fs from "node:fs"; export const x = fs;`,
  });
  assertStringIncludes(message, '/etc/f/x.ts: a filter cannot import "node:fs"');
});
