import { assertEquals } from "@std/assert";
import { type Module, violations } from "../../scripts/import_rules.ts";

function modules(...parts: (Partial<Module> & { path: string })[]): Module[] {
  return parts.map((part) => ({ text: "", imports: [], typeImports: [], ...part }));
}

Deno.test("violations() is empty where imports go down", () => {
  const house = modules(
    { path: "main.ts", imports: ["src/cli/main.ts"] },
    { path: "src/cli/main.ts", imports: ["src/daemon/run.ts"] },
    { path: "src/daemon/run.ts", imports: ["src/source/nflog/reader.ts"] },
    { path: "src/source/nflog/reader.ts", imports: ["ffi/libc.ts"] },
    { path: "ffi/libc.ts", text: "Deno.dlopen" },
  );
  assertEquals(violations(house), []);
});

Deno.test("violations() names Deno.dlopen outside ffi/, but not in a comment", () => {
  const house = modules(
    { path: "src/packet/a.ts", text: "Deno.dlopen('x')" },
    { path: "src/packet/b.ts", text: "// Deno.dlopen is elsewhere" },
  );
  assertEquals(violations(house), ["src/packet/a.ts: Deno.dlopen belongs into ffi/"]);
});

Deno.test("violations() names code that reaches ffi/ and is no reader", () => {
  const house = modules(
    { path: "src/output/pcap/writer.ts", imports: ["ffi/libc.ts"] },
    { path: "ffi/libc.ts" },
  );
  assertEquals(violations(house), [
    "src/output/pcap/writer.ts: imports ffi/libc.ts; only readers, privileges, systemd, handover and both sides of a sandbox reach ffi/",
  ]);
});

Deno.test("violations() names an import that goes up, of types too", () => {
  const house = modules(
    { path: "src/packet/a.ts", typeImports: ["src/source/source.ts"] },
    { path: "src/source/source.ts" },
  );
  assertEquals(violations(house), [
    "src/packet/a.ts: imports src/source/source.ts; imports stay in their room or go down",
  ]);
});

Deno.test("violations() names an import between two rooms of one floor", () => {
  const house = modules(
    { path: "src/source/source.ts", imports: ["src/output/output.ts"] },
    { path: "src/output/output.ts" },
  );
  assertEquals(violations(house).length, 1);
});

Deno.test("violations() names pure code that reaches a writer through others", () => {
  const house = modules(
    { path: "src/output/pcap/encoder.ts", imports: ["src/output/pcap/sections.ts"] },
    { path: "src/output/pcap/sections.ts", imports: ["src/output/file/file_writer.ts"] },
    { path: "src/output/file/file_writer.ts" },
  );
  assertEquals(violations(house), [
    "src/output/pcap/encoder.ts: is pure, and reaches src/output/file/file_writer.ts",
  ]);
});

Deno.test("violations() names every module of a cycle", () => {
  const house = modules(
    { path: "src/packet/a.ts", imports: ["src/packet/b.ts"] },
    { path: "src/packet/b.ts", imports: ["src/packet/a.ts"] },
  );
  assertEquals(violations(house), [
    "src/packet/a.ts: imports itself through others",
    "src/packet/b.ts: imports itself through others",
  ]);
});

Deno.test("violations() names a module that stands on no floor", () => {
  assertEquals(violations(modules({ path: "src/util/x.ts" })).length, 1);
});

Deno.test("violations() names what sandboxes load if it takes packages", () => {
  const house = modules(
    { path: "src/output/encoders.ts", imports: ["src/output/json/options.ts"] },
    { path: "src/output/json/options.ts", imports: ["src/schema.ts"] },
    { path: "src/schema.ts" },
  );
  assertEquals(violations(house), [
    "src/output/encoders.ts: is loaded by sandboxes, and reaches src/schema.ts, which takes packages",
  ]);
});

Deno.test("violations() names what the web page reaches and no browser has, through others too", () => {
  const house = modules(
    {
      path: "src/web/page/main.tsx",
      imports: ["src/filter/a.ts"],
      typeImports: ["src/output/b.ts"],
    },
    { path: "src/filter/a.ts", imports: ["src/schema.ts"] },
    { path: "src/schema.ts" },
    { path: "src/output/b.ts" },
  );
  assertEquals(violations(house), [
    "src/web/page/main.tsx: runs in browsers, and reaches src/schema.ts",
  ]);
});

Deno.test("violations() names code of Deno that imports the web page", () => {
  const house = modules(
    { path: "src/web/server/files.ts", imports: ["src/web/page/main.tsx"] },
    { path: "src/web/page/main.tsx" },
  );
  assertEquals(violations(house), [
    "src/web/server/files.ts: imports src/web/page/main.tsx, which runs in browsers",
  ]);
});
