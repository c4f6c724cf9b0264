import { assertEquals } from "@std/assert";
import { deno, ROOT, run } from "./process.ts";

/** Lists every module of the product, from its folder or the project's. */
function modules(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}${name}`;
    if (isDirectory) return modules(`${path}/`);
    return path.endsWith(".ts") ? [path] : [];
  }).sort();
}

/** Entries of processes and threads: no module imports them, and they start work at once. */
const ENTRIES = [
  "src/sandbox/entry/main.ts",
  "src/output/clickhouse/sender/worker.ts",
  "src/output/mysql/sender/worker.ts",
  "src/output/nats/sender/worker.ts",
  "src/output/postgres/sender/worker.ts",
  "src/output/sqlite/sender/worker.ts",
  "src/cli/types/main.ts",
  "src/web/store/worker.ts",
].map((path) => ROOT + path);

const all = [
  ...modules(`${ROOT}ffi/`),
  ...modules(`${ROOT}src/`),
  `${ROOT}mod.ts`,
  `${ROOT}testing.ts`,
  `${ROOT}main.ts`,
].filter((path) => !ENTRIES.includes(path));

Deno.test("every module can be imported with no permission, prints nothing and leaves nothing behind", async () => {
  // A literal import needs no permission; actions of the module would.
  const program = [
    // Deno's own layer for Node adds names on first use.
    `await import("node:module");`,
    `const before = Reflect.ownKeys(globalThis).length;`,
    ...all.map((path) => `await import(${JSON.stringify(`file://${path}`)});`),
    `const added = Reflect.ownKeys(globalThis).slice(before);`,
    `console.log(JSON.stringify({ imported: ${all.length}, added }));`,
  ].join("\n");
  // The web page's modules have an address, as in a browser.
  const { code, stdout, stderr } = await run(deno("--location=http://127.0.0.1/", "-"), program);
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: `${JSON.stringify({ imported: all.length, added: [] })}\n`,
    stderr: "",
  });
});

Deno.test("the modules that are imported are all there are", () => {
  const names = all.map((path) => path.slice(ROOT.length));
  for (const known of ["ffi/libc.ts", "src/capture.ts", "src/cli/main.ts", "main.ts"]) {
    assertEquals(names.includes(known), true, known);
  }
});
