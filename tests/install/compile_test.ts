import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ANY_EXECUTABLE, compile, FAST, rightsFor } from "../../scripts/compile.ts";
import { missedModules } from "../../scripts/compile_graph.ts";
import { differences, executableRights, rightsOf } from "../../scripts/compile_rights.ts";
import { readSection, type Section } from "../../scripts/compile_section.ts";
import { deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

const COMPILE = [
  ...deno("--allow-read", "--allow-write", "--allow-run"),
  `${ROOT}scripts/compile.ts`,
];

Deno.test("deno task compile --check embeds all modules, with the rights of a configuration", async () => {
  const configuration = ["--for", "packaging/nfscribe.toml"];
  const { code, stdout, stderr } = await run([...COMPILE, "--check", ...configuration]);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^Ready to compile: \d{3,4} modules and \d+ of packages are embedded\n$/);
});

Deno.test("scripts/nfscribe and an executable give V8 the same options", async () => {
  assertStringIncludes(await Deno.readTextFile(`${ROOT}scripts/nfscribe`), ` ${FAST}"\n`);
});

Deno.test("deno task compile says what it cannot use", async () => {
  const { code, stderr } = await run([...COMPILE, "--chek"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `Cannot use "chek"`);
  const unread = await run([...COMPILE, "--check", "--for", "/nowhere.toml"]);
  assertEquals(unread.code, 1);
  assertStringIncludes(unread.stderr, "/nowhere.toml: Cannot read it: there is no such file");
});

Deno.test("deno task compile runs what it has made, before it says that it is done", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe`;
  const command = [...COMPILE, "--output", file];
  const { code, stderr } = await run(["env", `DENORT_BIN=${ANY_EXECUTABLE}`, ...command]);
  assertEquals(code, 1);
  assertMatch(stderr, /^Cannot compile: the executable was made, but --version says ".+"\.\n/);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("deno task compile makes one executable (needs DENORT_BIN, nft and a namespace)", {
  ignore: Deno.env.get("DENORT_BIN") === undefined || !CAN_LOG,
}, async () => {
  await using folder = await temporaryFolder();
  await using work = await folderWithFilter();
  const file = `${folder.path}/nfscribe`;
  await must([...COMPILE, "--output", file]);
  assertMatch(await must(["env", "-i", file, "--version"]), /^nfscribe \d+\.\d+\.\d+\n$/);
  await logsPings(work.path, [file]);
});

Deno.test(
  "what is embedded runs with just the rights that are embedded (needs nft and a namespace)",
  {
    ignore: !CAN_LOG,
  },
  async () => {
    await using folder = await temporaryFolder();
    await using work = await folderWithFilter();
    await Deno.chmod(folder.path, 0o755);
    const { path } = folder;
    await Deno.writeTextFile(
      `${work.path}/nfscribe.toml`,
      '[[source]]\ntype = "nflog"\ngroup = 1\n[filter]\nscript = "filter.ts"\n' +
        '[output.pcap]\npath = "a.pcap"\n',
    );
    const rights = await rightsFor(`${work.path}/nfscribe.toml`);
    const outcome = await compile(`${path}/executable`, rights, { DENORT_BIN: ANY_EXECUTABLE });
    assert(outcome.success, outcome.stderr);
    const section = readSection(await Deno.readFile(`${path}/executable`));
    const flags = rightsOf(section.metadata);
    assertEquals(flags.filter((flag) => flag.includes(ROOT)), []);
    assertEquals(
      flags.find((flag) => flag.startsWith("--allow-read=")),
      `--allow-read=${work.path}/`,
    );
    await layOut(section, `${path}/payload`);
    const offline = ["--no-remote", "--no-npm", "--no-lock", `--config=${path}/payload/deno.json`];
    const command = [...deno(...offline, FAST, ...flags), `${path}/payload/main.ts`];
    // Nothing comes from Deno's cache, and files are found from everywhere.
    await logsPings(
      "/",
      ["env", `DENO_DIR=${path}/cache`, ...command],
      "-c",
      `${work.path}/nfscribe.toml`,
    );
    assert((await Deno.stat(`${work.path}/a.pcap`)).size > 5 * 100);
  },
);

/** Has five pings logged by an nfscribe with the curious filter. */
async function logsPings(
  folder: string,
  command: readonly string[],
  ...options: readonly string[]
): Promise<void> {
  const usual = ["--group", "1", "--pcap", "a.pcap", "--filter", "filter.ts"];
  const args = options.length > 0 ? options : usual;
  const inside = [IN_NAMESPACE, "env", "-C", folder];
  const said = await must([...inside, LOG_PINGS, ...command, "run", ...args]);
  assertStringIncludes(said, "filter: NotCapable");
  assertStringIncludes(said, "outputs pcap: written 5,");
}

/** Writes what is embedded into a folder, its packages in place of those of Deno's cache. */
async function layOut({ metadata, files }: Section, folder: string): Promise<void> {
  const packages = ".deno_compile_node_modules/localhost/";
  for (const [path, bytes] of files) {
    if (path.startsWith(`${packages}@types/`)) continue;
    await Deno.mkdir(`${folder}/${path.replace(/[^/]*$/, "")}`, { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
  const embedded = (address: string) => {
    const [, name, version, file] = /^npm:(@?[^@]+)@([^/]+)(?:\/(.+))?$/.exec(address) ?? [];
    const place = `${packages}${name}/${version}/`;
    const settings = files.get(`${place}package.json`);
    if (settings === undefined) return undefined;
    const { main, exports } = JSON.parse(new TextDecoder().decode(settings));
    return `./${place}${file ?? (main ?? exports["."]).replace(/^\.\//, "")}`;
  };
  const imports: Record<string, string> = JSON.parse(
    metadata.workspace_resolver.import_map!.json,
  ).imports;
  const all = Object.entries(imports).filter(([name]) => !name.endsWith("/"))
    .map(([name, address]) => [name, address.startsWith("npm:") ? embedded(address) : address]);
  const settings = {
    imports: Object.fromEntries(all.filter(([, address]) => address !== undefined)),
    unstable: metadata.unstable_config.features,
  };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(settings));
}

Deno.test("executableRights() leaves out the sources, and adds the service's variables", () => {
  const flags = ["--allow-env=HOME", "--allow-ffi", "--allow-read=/p/src/,/etc/a.toml"];
  assertEquals(executableRights(flags, "/p/", ["FDSTORE", "HOME"]), [
    "--allow-env=HOME,FDSTORE",
    "--allow-ffi",
    "--allow-read=/etc/a.toml",
  ]);
  assertEquals(executableRights(["--allow-env", "--allow-read=/p/src/"], "/p/", ["FDSTORE"]), [
    "--allow-env",
  ]);
});

Deno.test("differences() finds rights, settings and files that are not those of nfscribe", () => {
  const metadata = {
    permissions: {
      allow_ffi: [],
      allow_read: ["/a"],
      allow_run: null,
      deny_import: [],
      prompt: false,
    },
    code_cache_key: null,
    v8_flags: ["--fast"],
    entrypoint_key: "main.ts",
    workspace_resolver: { import_map: { json: '{"imports":{"nfscribe":"./mod.ts"}}' } },
    unstable_config: { features: ["worker-options"] },
  };
  const files = new Map([["main.ts", new Uint8Array()], ["a/b.ts", new Uint8Array()]]);
  const expected = {
    rights: ["--allow-read=/a", "--allow-ffi"],
    v8Flags: ["--fast"],
    files: ["main.ts", "a/"],
    root: "/p/",
  };
  const found = (change: Partial<typeof metadata>, others: Partial<typeof expected> = {}) => {
    const changed = { ...metadata, ...change };
    const section = { metadata: changed, settings: JSON.stringify(changed), files };
    return differences(section, { ...expected, ...others });
  };
  assertEquals(found({}), []);
  const { permissions } = metadata;
  assertEquals(found({ permissions: { ...permissions, allow_read: ["/p/src"] } }), [
    "its rights are --allow-ffi,--allow-read=/p/src, not --allow-ffi,--allow-read=/a",
    "it names /p/",
  ]);
  assertEquals(found({ permissions: { ...permissions, prompt: true } }), ["it asks for rights"]);
  assertEquals(found({ unstable_config: { features: [] } }), ["threads have all its rights"]);
  assertEquals(found({}, { files: ["b/", "thread.ts"], v8Flags: ["--slow"] }), [
    "it lacks --slow of V8",
    "it lacks b/",
    "it lacks thread.ts",
  ]);
});

/** Returns what is imported by these texts, but not embedded. */
function missed(texts: Readonly<Record<string, string>>): Promise<string[]> {
  const modules = Object.keys(texts).map((name) => ({ specifier: `file:///p/${name}` }));
  return missedModules([{ modules }], "file:///p/", (url) => texts[url.slice(10)]!);
}

Deno.test("missedModules() finds a thread's file that is not embedded", async () => {
  const text = `new Worker(new URL("./thread.ts", import.meta.url));`;
  assertEquals(await missed({ "src/a.ts": text, "src/thread.ts": "" }), []);
  assertEquals(await missed({ "src/a.ts": text }), [
    "src/a.ts: loads ./thread.ts, which is not embedded; add it to INCLUDED in scripts/compile.ts",
  ]);
});

Deno.test("missedModules() finds imports that are not written out, and no texts that look so", async () => {
  assertEquals(await missed({ "a.ts": `await import("./b.ts"); "import(x)"; // import(x)` }), []);
  for (const computed of ["x", "`./${x}.ts`", "'./' + x"]) {
    assertEquals(await missed({ "a.ts": `const x: string = ""; await import(${computed});` }), [
      "a.ts: imports what cannot be known ahead; write the address out",
    ]);
  }
});

Deno.test("missedModules() finds what cannot be loaded, and what is elsewhere", async () => {
  const modules = [
    { specifier: "npm:/valibot@1.5.0" },
    { specifier: "node:fs" },
    { specifier: "https://example.com/a.ts" },
    { specifier: "file:///p/gone.ts", error: "Module not found" },
  ];
  assertEquals(await missedModules([{ modules }], "file:///p/", () => ""), [
    "https://example.com/a.ts: lies outside of the project",
    "gone.ts: Module not found",
  ]);
});
