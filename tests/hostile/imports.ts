/**
 * Filters that try to import modules and files beyond their permissions. They are generated,
 * because names, links and pipes among them would disturb other tools.
 *
 * @module
 */

import { must } from "../system/process.ts";
import type { HostileCase } from "./run.ts";

/** Rest of a filter, after its imports: it passes every packet. */
const REST = "\nlet n = 0;\nexport default (_p, c) => {\n" +
  "  if (++n === 5 && globalThis.got !== undefined) {\n" +
  "    c.log(`GOT an import: ${Object.keys(globalThis.got).slice(0, 5)}`);\n  }\n" +
  '  if (n === 20) c.log("done");\n  return "pcap";\n};\n';
/** Module that uses Node's file functions if it is loaded. */
const EVIL = 'import fs from "node:fs";\nglobalThis.got = fs;\nexport default fs;\n';
/** Module of WebAssembly that imports `abort` from `node:process` and calls it at its start. */
const WASM = wasm("node:process", "abort");

const MAY_NOT = "a filter cannot import";
const LINK = "a link leads out of the filter's folder";

/** Returns a filter with these lines at its start. */
function refused(
  title: string,
  lines: string,
  refused: string,
  more: Partial<HostileCase> = {},
): HostileCase {
  const { files = {}, script = "filter.js" } = more;
  return { title, refused, script, ...more, files: { [script]: lines + REST, ...files } };
}

/** Specifiers of imports, each list after a part of the message that refuses them. */
const SPECIFIERS: [string, ...string[]][] = [
  [
    MAY_NOT,
    "node:fs",
    "node:child_process",
    "node:worker_threads",
    "node:process",
    "node:module",
    "node:vm",
    "node:inspector",
    "node:test",
    "node:sqlite",
    "fs",
    "process",
    "npm:left-pad",
    "jsr:@std/assert",
    "data:text/javascript,export default 1",
    "blob:null/1",
    "http://127.0.0.1:{{port}}/evil.ts",
    "https://127.0.0.1:{{port}}/evil.ts",
    "ext:core/mod.js",
    "internal:core",
    "nfscribe/testing",
    "nfscribe/",
    "valibot",
    "@std/assert",
    "#own",
    "{{root}}ffi/libc.ts",
    "file://{{root}}ffi/libc.ts",
    "file:///proc/self/environ",
    "//127.0.0.1:{{port}}/evil.ts",
    "../secret.txt",
    "./..\\\\secret.txt",
    "./%2e%2e/secret.txt",
    "./x/../../secret.txt",
    "./evil.js?x",
    "./evil.js#x",
    "file://localhost{{secret}}",
    "\\u0000node:fs",
    " node:fs",
    "NODE:fs",
    "",
    ".",
    "..",
  ],
  ["filter", "./", "./filter.js/", "./.%2e%2fsecret.txt", "./..%2fsecret.txt", "./%00"],
];

/** Files beside the filter that are not modules, or contain a refused import. */
const NAMES: readonly (readonly [name: string, text: string | Uint8Array<ArrayBuffer>])[] = [
  ["evil.tsx", EVIL],
  ["evil.jsx", EVIL],
  ["evil.JS", EVIL],
  ["evil.MTS", EVIL],
  ["evil", EVIL],
  ["evil.cjs", 'globalThis.got = require("fs");\nmodule.exports = module.constructor;\n'],
  ["evil.cts", 'globalThis.got = require("fs");\n'],
  ["evil.d.ts.map", EVIL],
  ["evil.wasm", WASM],
  ["evil.node", WASM],
  ["evil.html", EVIL],
  ["evil.js ", EVIL],
  ["evil.js\n", EVIL],
  ["evil.js\0.txt".replace("\0", "%00"), EVIL],
];

/** Ways to write an import that a parser may miss. */
const WRITTEN: readonly (readonly [title: string, text: string])[] = [
  [
    "behind a line separator in a comment",
    '// \u2028import fs from "node:fs"; globalThis.got = fs;',
  ],
  ["behind a paragraph separator", '// \u2029import fs from "node:fs"; globalThis.got = fs;'],
  [
    "between slashes that divide",
    'a: ({}) /"/; import fs from "node:fs"; globalThis.got = fs; /"/;',
  ],
  [
    "behind a label and a pattern",
    'a: {} /"/.x; import fs from "node:fs"; globalThis.got = fs; /"/;',
  ],
  ["behind a comment as in HTML", '<!-- "\nimport fs from "node:fs"; globalThis.got = fs; //"'],
  ["as an export", 'export * from "node:fs";'],
  ["as an export by name", 'export { default as got } from "node:fs";'],
  ["with escapes", 'import fs from "\\u006eode:fs"; globalThis.got = fs;'],
  ["with a name in quotes", 'import { "default" as fs } from "node:fs"; globalThis.got = fs;'],
  ["for its effects", 'import "node:fs";'],
  ["deferred", 'import defer * as fs from "node:fs"; globalThis.got = fs;'],
  ["behind a mark of byte order", '\ufeffimport fs from "node:fs"; globalThis.got = fs;'],
  ["behind a hashbang", '#!/usr/bin/env deno\nimport fs from "node:fs"; globalThis.got = fs;'],
  ["while it is loaded", 'globalThis.got = await import("node:fs");'],
  ["while it is loaded, by eval", "globalThis.got = await eval(\"import('node:fs')\");"],
];

/** Code that overflows parsers, or keeps them busy. */
const DEEP_CODE: readonly (readonly [title: string, text: string])[] = [
  ["brackets", `${"(".repeat(20_000)}1${")".repeat(20_000)};`],
  ["negations", `${"!".repeat(50_000)}1;`],
  ["lists", `${"[".repeat(20_000)}${"]".repeat(20_000)};`],
  ["blocks", `${"{".repeat(20_000)}${"}".repeat(20_000)}`],
  ["arrows", `const f = ${"a=>".repeat(20_000)}1;`],
  ["choices", `${"1?".repeat(20_000)}1${":1".repeat(20_000)};`],
  ["conditions", `${"if(1)".repeat(20_000)};`],
  ["labels", Array.from({ length: 20_000 }, (_, i) => `l${i}:`).join("") + ";"],
  ["texts", `${"`${".repeat(20_000)}${"}`".repeat(20_000)};`],
  ["calls", `f${"()".repeat(20_000)};`],
  ["members", `f${".a".repeat(50_000)};`],
  ["functions", `${"function f(){".repeat(10_000)}${"}".repeat(10_000)}`],
  ["classes", `${"class A extends ".repeat(5000)}B {}`],
  ["powers", `${"1**".repeat(30_000)}1;`],
  ["assignments", `let a; ${"a=".repeat(30_000)}1;`],
  ["a pattern in front of brackets", `/["(]/; ${"(".repeat(20_000)}1${")".repeat(20_000)}; /"/;`],
  ["new", `${"new ".repeat(30_000)}f;`],
  ["await", `${"await ".repeat(30_000)}1;`],
  ["types", `let a: ${"A<".repeat(20_000)}B${">".repeat(20_000)};`],
  ["unions", `let a: ${"A|".repeat(50_000)}B;`],
  ["conditional types", `type T = ${"A extends B ? C : ".repeat(5000)}D;`],
  ["keyof", `type T = ${"keyof ".repeat(20_000)}D;`],
  ["indexed types", `type T = D${"[0]".repeat(20_000)};`],
  ["casts", `const a = ${"<any>".repeat(20_000)}1;`],
  ["as", `const a = 1 ${"as any ".repeat(20_000)};`],
  ["namespaces", `namespace a${".b".repeat(20_000)} { }`],
];

/** Those of which this parser's version survives some; nothing is imported either way. */
const DEEP_TYPES: readonly string[] = ["keyof", "indexed types", "as"];

/** All cases. */
export const IMPORTS: HostileCase[] = [
  // A process for each would take long: the first refused import decides.
  ...SPECIFIERS.flatMap(([message, ...specifiers]) =>
    specifiers.map((specifier) =>
      refused(
        `imports ${JSON.stringify(specifier)}`,
        `import got from "${specifier}"; globalThis.got = got;`,
        message,
        { files: { "evil.js": EVIL } },
      )
    )
  ),
  ...NAMES.map(([name, text]) =>
    refused(
      `imports a file named ${JSON.stringify(name)}`,
      `import got from ${JSON.stringify(`./${name}`)}; globalThis.got = got;`,
      "filter",
      { files: { [name]: text } },
    )
  ),
  ...WRITTEN.map(([title, text]): HostileCase => ({
    title: `imports Node ${title}`,
    files: { "filter.js": text + REST },
    script: "filter.js",
    either: true,
  })),
  ...DEEP_CODE.map(([title, text]): HostileCase => ({
    title: `is code that is too deep: ${title}`,
    files: { "filter.ts": `${text}\nexport default () => "pcap";\n` },
    script: "filter.ts",
    ...DEEP_TYPES.includes(title) ? { either: true, flowMs: 100 } : { refused: "filter.ts" },
  })),
  refused("imports its neighbour, which imports Node", 'import "./evil.js";', MAY_NOT, {
    files: { "evil.js": EVIL },
  }),
  refused("imports the canary as a text", importText("{{secret}}"), MAY_NOT),
  refused("imports the canary above as a text", importText("../secret.txt"), MAY_NOT),
  refused("imports a text behind a link", importText("./link.txt"), LINK, {
    prepare: (folder) => Deno.symlink("../secret.txt", `${folder}/link.txt`),
  }),
  refused("imports a text behind a link to a folder", importText("./link/secret.txt"), LINK, {
    prepare: (folder) => Deno.symlink("..", `${folder}/link`),
  }),
  refused("imports a module behind a link", 'import "./link.ts";', LINK, {
    prepare: (folder) => Deno.symlink(new URL("run.ts", import.meta.url), `${folder}/link.ts`),
  }),
  refused("imports a link to the process's own files", importText("./link"), LINK, {
    prepare: (folder) => Deno.symlink("/proc/self/environ", `${folder}/link`),
  }),
  refused("imports a pipe", 'import "./pipe.js";', "it is no regular file", {
    prepare: (folder) => must(["mkfifo", `${folder}/pipe.js`]),
  }),
  refused("imports a folder", 'import "./folder.js";', "it is no regular file", {
    files: { "folder.js/index.js": EVIL },
  }),
  refused("imports a device", importText("./zero"), LINK, {
    prepare: (folder) => Deno.symlink("/dev/zero", `${folder}/zero`),
  }),
  refused(
    "imports 40 GB of nothing",
    'import got from "./big.json" with { type: "json" };',
    "bytes, and may have",
    { prepare: (folder) => sparse(`${folder}/big.json`) },
  ),
  refused("imports a module of 40 GB", 'import "./big.js";', "bytes, and may have", {
    prepare: (folder) => sparse(`${folder}/big.js`),
  }),
  refused("imports JSON that is a module", 'import "./evil.json";', "write `with", {
    files: { "evil.json": EVIL },
  }),
  {
    title: "imports JSON that is 100,000 levels deep",
    files: {
      "filter.js": 'import "./deep.json" with { type: "json" };' + REST,
      "deep.json": "[".repeat(100_000) + "]".repeat(100_000),
    },
    script: "filter.js",
    either: true,
  },
  refused(
    "imports bytes",
    'import got from "./evil.js" with { type: "bytes" };',
    "filter",
    { files: { "evil.js": EVIL } },
  ),
  refused("imports the source of WebAssembly", 'import source got from "./evil.wasm";', "filter", {
    files: { "evil.wasm": WASM },
  }),
  refused("imports 1,100 files", importsOf(1100), "files at the most", {
    files: Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`m${i}.js`, ""])),
  }),
  refused("imports 40 MB of text", texts(40), "bytes at the most", {
    files: Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`t${i}.txt`, "x".repeat(1_000_000)]),
    ),
  }),
  {
    title: "imports types from elsewhere, which are never fetched",
    files: {
      "filter.ts": 'import type { Y } from "http://127.0.0.1:{{port}}/types.ts";\n' +
        '/// <reference types="http://127.0.0.1:{{port}}/ref.d.ts" />\n' +
        'import type { Z } from "../secret.txt";\n' +
        "const y: Y | Z | undefined = undefined;\n" +
        'export default (_p: unknown, c: any) => { c.log("done"); return y ?? "pcap"; };\n',
    },
    script: "filter.ts",
  },
  {
    title: "has a configuration, an import map and packages beside it",
    files: {
      "filter.js": 'import got from "#own";\nglobalThis.got = got;' + REST,
      "deno.json": '{"imports":{"#own":"node:fs"},"permissions":{"default":{"all":true}}}',
      "package.json": '{"imports":{"#own":"node:fs"},"type":"commonjs"}',
      "node_modules/left-pad/index.js": EVIL,
      ".npmrc": "registry=http://127.0.0.1:{{port}}/",
      ".env": "NODE_OPTIONS=--require=./evil.cjs",
    },
    script: "filter.js",
    refused: MAY_NOT,
  },
  {
    title: "is a pipe itself",
    files: {},
    script: "filter.js",
    refused: "filter.js",
    prepare: (folder) => must(["mkfifo", `${folder}/filter.js`]),
  },
  {
    title: "is JavaScript by another name",
    files: { "filter.txt": EVIL },
    script: "filter.txt",
    refused: "filter.txt",
  },
  {
    title: "is saved anew while it runs, as code that ends parsers",
    files: { "filter.js": 'export default () => "pcap";\n' },
    script: "filter.js",
    async act({ folder }) {
      for (const text of [`${"(".repeat(1e5)}`, `${"!".repeat(1e5)}1`, EVIL, "\0", "export"]) {
        await Deno.writeTextFile(`${folder}/filter.js`, text + REST);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
  },
  {
    title: "is saved anew while it runs, as a link to the canary, a pipe and nothing",
    files: { "filter.js": 'export default () => "pcap";\n' },
    script: "filter.js",
    async act({ folder, kill }) {
      for (
        const put of [
          () => Deno.symlink("../secret.txt", `${folder}/filter.js`),
          () => must(["mkfifo", `${folder}/filter.js`]),
          () => Deno.mkdir(`${folder}/filter.js`),
          () => sparse(`${folder}/filter.js`),
        ]
      ) {
        await Deno.remove(`${folder}/filter.js`);
        await put();
        kill("SIGHUP");
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
  },
];

function importText(path: string): string {
  return `import got from "${path}" with { type: "text" };\nglobalThis.got = { [got]: 1 };`;
}

function importsOf(count: number): string {
  return Array.from({ length: count }, (_, i) => `import "./m${i}.js";`).join("\n");
}

function texts(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `import t${i} from "./t${i}.txt" with { type: "text" };`,
  ).join("\n");
}

async function sparse(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  await file.truncate(40 * 1024 ** 3);
}

/** Encodes a module that imports a function without parameters and starts with it. */
function wasm(module: string, name: string): Uint8Array<ArrayBuffer> {
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
  const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
  return new Uint8Array([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, ...text(module), ...text(name), 0, 0]),
    ...section(8, [0]),
  ]);
}
