import { assertEquals } from "@std/assert";
import { denoText } from "../../src/cli/init/texts.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { canRun, ROOT, run, temporaryFolder } from "../system/process.ts";
import { Book } from "./book.ts";
import { IS_ROOT } from "./stand_ins.ts";

/** The runtime of executables, where Deno looks for it without a network. */
const DENORT = Deno.env.get("DENORT_BIN");

/** A checkout in the project's folder, as Deno finds it there; its tests are not the project's. */
const CLONE = `
mkdir -p nfscribe/tests
cp -R "$ROOT"/{deno.json,deno.lock,*.ts,ffi,src,schema,types} nfscribe
echo 'Deno.test("none of the project", () => { throw new Error("it was run"); });' > nfscribe/tests/a_test.ts
`;

Deno.test({
  name: "docs/library.md: the project in an empty folder is checked, tested, bundled and run " +
    "without a network (needs root and nft)",
  ignore: !IS_ROOT || !HAS_NFT,
  fn: async () => {
    const book = await Book.read("docs/library.md");
    await book.walk({
      headings: ["A project of your own"],
      setup: CLONE,
      deadlineMs: 300_000,
    });
  },
});

Deno.test({
  name: "docs/library.md: the project is compiled (needs denort in DENORT_BIN)",
  ignore: DENORT === undefined || !canRun(DENORT, "--version"),
  fn: async () => {
    const { blocks } = await Book.read("docs/library.md");
    await using folder = await temporaryFolder();
    await Deno.symlink(ROOT, `${folder.path}/nfscribe`);
    for (const { file, text } of blocks) {
      if (file !== undefined) await Deno.writeTextFile(`${folder.path}/${file}`, text);
    }
    const { text } = blocks.find(({ text }) => text.includes("deno compile"))!;
    const words = text.trim().replace("$ deno ", "").split(" ");
    const { code, stderr } = await run(["env", "-C", folder.path, Deno.execPath(), ...words]);
    assertEquals(code, 0, stderr);
  },
});

Deno.test("a program finds all names with the deno.json that nfscribe init writes", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/deno.json`, denoText(`file://${ROOT}`));
  const names = ["nfscribe", "nfscribe/packet", "nfscribe/pcap", "nfscribe/logemu"];
  const program = [...names, "nfscribe/testing"].map((name) => `import "${name}";\n`).join("");
  await Deno.writeTextFile(`${path}/program.ts`, program);
  const { code, stderr } = await run(["env", "-C", path, Deno.execPath(), "run", "program.ts"]);
  assertEquals(code, 0, stderr);
});

Deno.test("JSR would get the five modules and the command line, and no tests", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assertEquals(Object.keys(exports), [".", "./packet", "./pcap", "./logemu", "./testing", "./cli"]);
  const words = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { code, stdout, stderr } = await run(["env", "-C", ROOT, Deno.execPath(), ...words]);
  assertEquals(code, 0, stderr);
  const files = [...(stdout + stderr).matchAll(/^ +file:\/\/(\S+) \(/gm)].map(([, path]) =>
    path!.slice(ROOT.length)
  );
  const folders = new Set(
    files.filter((path) => path.includes("/")).map((path) => path.split("/")[0]),
  );
  assertEquals([...folders].sort(), ["ffi", "schema", "src", "types"]);
  assertEquals(files.filter((path) => path.includes("_test.") || path.includes("web/page/")), []);
});
