import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { currentPage, PAGE } from "../../scripts/api.ts";

Deno.test("docs/api.md is what deno task api writes", async () => {
  const committed = await Deno.readTextFile(PAGE);
  assert(await currentPage() === committed, "docs/api.md is old: deno task api");
});

Deno.test("docs/api.md tells every name that mod.ts and testing.ts export, each once", async () => {
  const page = await Deno.readTextFile(PAGE);
  const told = [...page.matchAll(/^### (?:(?:class|interface|type) )?(\w+)/gm)].map(([, name]) =>
    name!
  );
  const exported = ["mod.ts", "testing.ts"].flatMap((file) =>
    [
      ...Deno.readTextFileSync(new URL(`../../${file}`, import.meta.url))
        .matchAll(/^export (?:type )?\{([^}]+)\}/gm),
    ]
      .flatMap(([, names]) => names!.split(",").map((name) => name.trim()).filter(Boolean))
  );
  assert(exported.length > 50);
  assertEquals(told.toSorted(), exported.toSorted());
});

Deno.test("docs/api.md has an example of every function", async () => {
  const page = await Deno.readTextFile(PAGE);
  const parts = page.split("\n### ").filter((part) => /^\w+\(\)/.test(part));
  assert(parts.length >= 8);
  for (const part of parts) {
    const name = /^\w+/.exec(part)![0];
    const [signature, ...examples] = part.split("\n```ts\n").slice(1);
    assertStringIncludes(signature!, `function ${name}(`);
    assert(examples.some((example) => example.includes(`${name}(`)), name);
  }
});
