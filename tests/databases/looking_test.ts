import { assertEquals } from "@std/assert";
import { inFolder, must, ROOT, temporaryFolder } from "../system/process.ts";

Deno.test("actions of `nfscribe db` that send no rows make no spool", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/nfscribe.toml`, '[output.sqlite]\npath = "nfscribe.db"\n');
  for (const action of ["schema", "init", "index", "migrate", "status", "query"]) {
    await must(inFolder(path, [`${ROOT}scripts/nfscribe`, "db", action]));
  }
  const names = [...Deno.readDirSync(path)].map(({ name }) => name);
  assertEquals(names.filter((name) => !name.startsWith("nfscribe.")), []);
});
