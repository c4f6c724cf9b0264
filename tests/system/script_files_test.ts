import { assertEquals, assertMatch } from "@std/assert";
import { ScriptFiles } from "../../src/pool/script_files.ts";
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
  assertEquals(files.asked, [["text", "deep.js"]]);
});
