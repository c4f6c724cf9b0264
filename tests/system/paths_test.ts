import { assertEquals, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import { udpPacket } from "./packets.ts";
import { must, ROOT, run, temporaryFolder } from "./process.ts";

const LAUNCHER = `${ROOT}scripts/nfscribe`;
const FILTER = `import type { Filter } from "nfscribe";
import { output } from "./output.ts";
export default (() => output) satisfies Filter;`;

/**
 * Creates a folder with `in.pcap`, which has three packets, and a filter in the folder `filter`.
 */
async function folderWithFilter(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const { path } = folder;
  await using file = await pcapFile(`${path}/in.pcap`);
  for (const size of [1, 2, 3]) await file.write(udpPacket(size));
  // A sandbox of root runs as the overflow user, who must be able to read the folder.
  await Deno.chmod(path, 0o755);
  await putFilter(`${path}/filter`, "filter.ts");
  return folder;
}

async function putFilter(folder: string, name: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${name}`, FILTER);
  await Deno.writeTextFile(`${folder}/output.ts`, `export const output = "pcap";`);
}

/** Writes a configuration next to the filter; the output's path is a TOML value. */
async function writeConfig(folder: string, script: string, output: string): Promise<string> {
  const file = `${folder}/filter/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "pcap"\npath = "../in.pcap"\n[filter]\nscript = ${
      JSON.stringify(script)
    }\n` +
      `[output.pcap]\npath = ${output}\n`,
  );
  return file;
}

Deno.test("an output above the filter's folder has its permission, as check prints", async () => {
  await using folder = await folderWithFilter();
  const file = await writeConfig(folder.path, "filter.ts", `"sub/../../out.pcap"`);
  const said = await must([LAUNCHER, "check", "-c", file]);
  assertStringIncludes(said, `--allow-write=${folder.path}/out.pcap`);
  await must([LAUNCHER, "run", "-c", file]);
  assertEquals(Deno.statSync(`${folder.path}/out.pcap`).size > 24, true);
});

/** Names with special characters of URLs, shells, or flags. */
const NAMES = ["100%", `a#b?c %41 ü it's x@y;z=1&2^{}[]|"<>$(id)*\\q`];

Deno.test("filters and files have whatever names they have, in folders of any name", async () => {
  await using folder = await folderWithFilter();
  for (const name of NAMES) {
    await putFilter(`${folder.path}/${name}`, `${name}.ts`);
    const output = `${folder.path}/${name}/${name}.pcap`;
    const script = `../${name}/${name}.ts`;
    const file = await writeConfig(folder.path, script, JSON.stringify(output));
    await must([LAUNCHER, "check", "-c", file]);
    await must([LAUNCHER, "run", "-c", file]);
    assertEquals(Deno.statSync(output).size > 24, true, name);
  }
});

Deno.test("a path with the end of a line gives Deno no flag", async () => {
  await using folder = await folderWithFilter();
  const trace = `${folder.path}/trace`;
  const module = `${folder.path}/preloaded.ts`;
  await Deno.writeTextFile(module, `Deno.writeTextFileSync("${trace}", "");`);
  const flags = `x\n--allow-all\n--preload=${module}\ny`;
  const file = await writeConfig(folder.path, "filter.ts", JSON.stringify(flags));
  for (
    const args of [
      ["run", "-c", file],
      ["run", "--group", "1", "--pcap", flags],
      ["test", `${folder.path}/filter/filter.ts`, flags],
      ["stats", "--socket", flags],
      ["init", "--folder", flags],
    ]
  ) {
    const { code, stderr } = await run([LAUNCHER, ...args]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "must have no control characters, such as the end of a line");
    assertEquals([...Deno.readDirSync(folder.path)].some(({ name }) => name === "trace"), false);
  }
});
