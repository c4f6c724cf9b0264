import { assertEquals, assertStringIncludes } from "@std/assert";
import { canRun, inFolder, must, ROOT, temporaryFolder } from "../system/process.ts";

const CONFIG = '[output.sqlite]\npath = "nfscribe.db"\nspool = "rows"\n';
const NFSCRIBE = [`${ROOT}scripts/nfscribe`, "db"];
/** Root without the right to pass over modes. */
const UNBOUNDED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
const asUser = canRun(...UNBOUNDED, "true") ? UNBOUNDED : [];

Deno.test("actions of `nfscribe db` that send no rows make no spool", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/nfscribe.toml`, CONFIG);
  for (const action of ["schema", "init", "index", "migrate", "status", "query"]) {
    await must(inFolder(path, [...NFSCRIBE, action]));
  }
  const names = [...Deno.readDirSync(path)].map(({ name }) => name);
  assertEquals(names.filter((name) => !name.startsWith("nfscribe.")), []);
});

Deno.test("`nfscribe db status` shows a table whose spool this user may not read", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/nfscribe.toml`, CONFIG);
  await must(inFolder(path, [...NFSCRIBE, "init"]));
  await Deno.mkdir(`${path}/rows`, { mode: 0 });
  const status = inFolder(path, [...asUser, ...NFSCRIBE, "status"]);
  const denied = "the system denies it to this user; check the owner and the mode of the folder";
  assertStringIncludes(await must(status), `rows     0\n`);
  assertStringIncludes(await must(status), `spool    rows: ${denied}\n`);
  assertEquals(JSON.parse(await must([...status, "--json"])).spool, {
    folder: "rows",
    error: denied,
  });
  await Deno.chmod(`${path}/rows`, 0o700);
});
