import { assertEquals, assertMatch } from "@std/assert";
import { ScriptFiles } from "../../src/daemon/pool/script_files.ts";
import { temporaryFolder } from "./process.ts";

Deno.test("a file is read once, and checked as a module even where it was read as a text before", async () => {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/filter.js`;
  await Deno.writeTextFile(script, "export default () => true;\n");
  await Deno.writeTextFile(`${folder.path}/deep.js`, "(".repeat(300));
  const files = new ScriptFiles(script);
  const asText = files.read("text", "deep.js");
  assertEquals("bytes" in asText && asText.bytes.length, 300);
  for (let times = 0; times < 2; times++) {
    const asModule = files.read("module", "deep.js");
    assertMatch("problem" in asModule ? asModule.problem : "", /^cannot be parsed: line 1: .*250/);
  }
  assertEquals(files.read("text", "deep.js"), asText);
  await Deno.writeTextFile(`${folder.path}/deep.js`, "changed");
  assertEquals(files.read("text", "deep.js"), asText);
  assertEquals(files.requests, [["text", "deep.js"]]);
});

Deno.test("a script is current while all that was read of it would be read the same", async () => {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/filter.js`;
  await Deno.writeTextFile(script, "export default () => true;\n");
  const files = new ScriptFiles(script);
  assertEquals(files.paths, [script]);
  files.read("module", "filter.js");
  files.read("text", "words.txt");
  assertEquals(files.paths, [script, `${folder.path}/words.txt`]);
  assertEquals(files.isCurrent(), true);
  await Deno.utime(script, 0, 0);
  assertEquals(files.isCurrent(), true);
  await Deno.writeTextFile(`${folder.path}/words.txt`, "");
  assertEquals(files.isCurrent(), false);
  await Deno.remove(`${folder.path}/words.txt`);
  await Deno.rename(script, `${folder.path}/other.js`);
  assertEquals(files.isCurrent(), false);
  await Deno.symlink("other.js", script);
  assertEquals(files.isCurrent(), true);
  await Deno.writeTextFile(`${folder.path}/other.js`, "export default () => null;\n");
  assertEquals(files.isCurrent(), false);
});
