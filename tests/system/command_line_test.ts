import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Returns the command line of `nfscribe` with these permission flags and arguments. */
function nfscribe(flags: readonly string[], ...args: readonly string[]): string[] {
  return deno(...flags, `${ROOT}main.ts`, ...args);
}

const USAGE: readonly [args: readonly string[], message: string][] = [
  [["rum"], 'There is no command "rum"; did you mean "run"?'],
  [["help", "rum"], 'There is no command "rum"; did you mean "run"?'],
  [["-g", "1"], "The command comes first, as in nfscribe run --group 1"],
  [
    ["--group", "1", "run", "--pcap", "a b"],
    "The command comes first: nfscribe run --group 1 --pcap 'a b'",
  ],
  [
    ["run", "-g", "1"],
    'There is no option -g; did you mean "--group" or "--gprint" or "--graphite"?',
  ],
  [["run", "-v"], "There is no option -v: nfscribe --version tells the version, and level"],
  [["run", "1"], 'Cannot use "1": run takes options only; did you mean --group 1?'],
  [
    ["run", "filter.ts"],
    'Cannot use "filter.ts": run takes options only; did you mean --filter filter.ts?',
  ],
  [["db", "inti"], 'ACTION cannot be "inti"; did you mean "init"?'],
  [["completions", "bsh"], 'SHELL cannot be "bsh"; did you mean "bash"?'],
  [
    ["run", "--grop", "1"],
    "There is no option --grop; did you mean --group?".replace("--group", '"--group"'),
  ],
  [["run", "extra"], 'Cannot use "extra": run takes options only'],
  [["run", "--group"], "--group lacks its value: --group N"],
  [["run", "--pcap", "x.pcap"], "--group is missing"],
  [["run", "--group", "1"], "There is no output"],
  [
    ["run", "--group", "1", "--group", "2", "--pcap", "x"],
    "--group is given 2 times; give it once",
  ],
];

for (const [args, message] of USAGE) {
  Deno.test(`nfscribe ${args.join(" ")}: bad usage is status 2 and says what is wrong`, async () => {
    const { code, stdout, stderr } = await run(nfscribe([], ...args));
    assertEquals(code, 2);
    assertEquals(stdout, "");
    assertStringIncludes(stderr, `nfscribe: ${message}`);
    assertMatch(stderr, /^Try nfscribe ((run|db|completions) )?--help$/m);
  });
}

const OPTIONS: readonly [args: readonly string[], message: string][] = [
  [["--group", "65536"], "--group: must be a whole number from 0 to 65535, not 65536"],
  [["--group", "x"], '--group: must be a whole number from 0 to 65535, not "x"'],
  [["--group=-1"], '--group: must be a whole number from 0 to 65535, not "-1"'],
  [
    ["--group", "1", "--copy-range", "65532"],
    "--copy-range: must be a whole number from 0 to 65531, not 65532",
  ],
];

for (const [args, message] of OPTIONS) {
  Deno.test(`nfscribe run ${args.join(" ")}: a bad value is status 2 and names the option`, async () => {
    const { code, stderr } = await run(nfscribe([], "run", ...args, "--pcap", "x.pcap"));
    assertEquals(code, 2);
    assertEquals(stderr, `nfscribe: nfscribe run: ${message}\n`);
  });
}

const FILES: readonly [what: string, toml: string, messages: readonly string[]][] = [
  ["is empty", "", ["source: is missing", "output: is missing"]],
  ["is not TOML", "[[source]\n", ["is not TOML: "]],
  [
    "has an unknown key and a bad value",
    '[[source]]\ntype = "nflog"\ngroup = 70000\ncopyrange = 5\n[output.pcap]\npath = 7\n[lgo]\n',
    [
      'lgo: unknown key; did you mean "log"?',
      "source[0].group: must be a whole number from 0 to 65535, not 70000",
      'source[0].copyrange: unknown key; did you mean "copy_range"?',
      "output.pcap.path: must be a file's path, or - for standard output, not 7",
    ],
  ],
  [
    "has a type that is not there",
    '[[source]]\ntype = "nfolg"\ngroup = 1\n[output.pcap]\npath = "x"\n',
    ['source[0].type: there is no type "nfolg"; did you mean "nflog"?'],
  ],
  [
    "names a group twice",
    '[[source]]\ntype = "nflog"\ngroup = 1\n[[source]]\ntype = "nflog"\ngroup = 1\nname = "b"\n' +
    '[output.pcap]\npath = "x"\n',
    ['source[1].group: 1 is the group of source "nflog:1" already'],
  ],
  [
    "has a bad log",
    '[[source]]\ntype = "nflog"\ngroup = 1\n[output.pcap]\npath = "x"\n[log]\nformat = "xml"\n',
    ['log.format: must be "text" or "json", not "xml"'],
  ],
];

for (const [what, toml, messages] of FILES) {
  Deno.test(`a configuration file that ${what} is status 2 and names file and key`, async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(file, toml);
    const { code, stdout, stderr } = await run(nfscribe(["--allow-read"], "run", "-c", file));
    assertEquals(code, 2, stderr);
    assertEquals(stdout, "");
    for (const message of messages) assertStringIncludes(stderr, `nfscribe: ${file}: ${message}`);
    const lines = stderr.trimEnd().split("\n");
    if (what !== "is not TOML") assertEquals(lines.length, messages.length, stderr);
    assertEquals([...Deno.readDirSync(folder.path)].length, 1, "no output was opened");
  });
}

Deno.test("options with a file whose tables are invalid leave the errors to the check", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(file, 'source = ["x"]\noutput = "y"\n');
  const options = ["-c", file, "--copy-range", "5", "--pcap", "x.pcap"];
  const { code, stderr } = await run(nfscribe(["--allow-read"], "run", ...options));
  assertEquals(code, 2);
  assertEquals(stderr.trimEnd().split("\n"), [
    `nfscribe: ${file}: source[0]: must be a table`,
    `nfscribe: ${file}: output: must hold tables: write [output.pcap]`,
  ]);
});

Deno.test("a configuration file that is not there is status 2 and named", async () => {
  const { code, stderr } = await run(nfscribe(["--allow-read"], "run", "-c", "/nowhere/n.toml"));
  assertEquals(code, 2);
  assertStringIncludes(stderr, "nfscribe: /nowhere/n.toml: Cannot read it: there is no such file");
});

Deno.test("without --allow-read for the configuration file the message names the flag", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(file, "");
  const { code, stderr } = await run(nfscribe([], "run", "-c", file));
  assertEquals(code, 2);
  assertStringIncludes(stderr, `run again with --allow-read=${file}`);
});

Deno.test("help and version are status 0 and on standard output, without any permission", async () => {
  for (
    const [args, text] of [
      [["--help"], "Usage: nfscribe COMMAND"],
      [["-h"], "Usage: nfscribe COMMAND"],
      [["help"], "Usage: nfscribe COMMAND"],
      [["help", "run"], "--copy-range N"],
      [["run", "--help"], "--copy-range N"],
      [["run", "help"], "--copy-range N"],
      [["db", "-h"], "  init     make the table"],
      [["--version"], "nfscribe "],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(nfscribe([], ...args));
    assertEquals([code, stderr], [0, ""], args.join(" "));
    assertStringIncludes(stdout, text);
  }
});

Deno.test("a number in place of a file is refused with advice", async () => {
  for (const args of [["replay", "70001", "--logemu", "-"], ["check", "-c", "70001"]]) {
    const flags = ["--allow-ffi", "--allow-read", "--allow-sys=hostname"];
    const { code, stderr } = await run(nfscribe(flags, ...args));
    assert(code > 0);
    assertMatch(
      stderr,
      /^nfscribe: .*no such file.*\nA group is named as in nfscribe run --group 70001; /,
    );
  }
});

Deno.test("run --flags prints what check --flags does, of a pid file too", async () => {
  const what = ["--group", "1", "--pcap", "t.pcap", "--pid-file", "nfscribe.pid", "--flags"];
  const flags = await must(nfscribe(["--allow-read"], "run", ...what));
  assertMatch(flags, /^--allow-ffi$/m);
  assertEquals(flags, await must(nfscribe(["--allow-read"], "check", ...what)));
});

Deno.test("check says which kind of record goes on where nothing filters", async () => {
  const sources = { packet: ["--group", "1"], flow: ["--conntrack", "new"] };
  const all = { ...sources, record: [...sources.flow, "--accounting", "5"] };
  for (const [word, args] of Object.entries(all)) {
    const said = await must(nfscribe(["-A"], "check", ...args, "--json", "/tmp/never.json"));
    assertStringIncludes(
      said,
      `  filter   none: every ${word} goes to every output of its source\n`,
    );
  }
});

Deno.test("nfscribe alone is status 2 and prints advice on standard error", async () => {
  const { code, stdout, stderr } = await run(nfscribe([]));
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "\nUsage: nfscribe COMMAND");
  assertStringIncludes(stderr, "\nnfscribe --help shows all commands.\n");
});

Deno.test("a command evaluates no module of another command, and --version of none", async () => {
  const graph = JSON.parse(await must([Deno.execPath(), "info", "--json", `${ROOT}main.ts`]));
  const dependencies = new Map<string, { specifier: string; isDynamic?: boolean }[]>();
  for (const { specifier, dependencies: all = [] } of graph.modules) {
    dependencies.set(
      specifier,
      all.filter(({ code }: { code?: object }) => code !== undefined)
        .map(({ code, isDynamic }: { code: { specifier: string }; isDynamic?: boolean }) => ({
          specifier: code.specifier,
          isDynamic,
        })),
    );
  }
  const evaluated = (path: string) => {
    const found = new Set([`file://${ROOT}${path}`]);
    for (const module of found) {
      for (const { specifier, isDynamic } of dependencies.get(module) ?? []) {
        if (isDynamic !== true) found.add(specifier);
      }
    }
    return [...found].map((module) => module.replace(`file://${ROOT}`, ""));
  };
  const all = (dependencies.get(`file://${ROOT}src/cli/commands.ts`) ?? [])
    .filter(({ isDynamic }) => isDynamic).map(({ specifier }) =>
      specifier.replace(`file://${ROOT}`, "")
    );
  assert(
    all.includes("src/cli/run/command.ts") && all.includes("src/cli/db/command.ts"),
    all.join(),
  );
  const top = evaluated("main.ts");
  assert(top.includes("src/cli/main.ts"));
  assertEquals(top.filter((path) => all.includes(path)), []);
  const isWork = (path: string) => /^src\/(config|daemon|doctor|handover|import)\//.test(path);
  const isPart = (path: string) => /^src\/(output|source)\//.test(path);
  assertEquals(top.filter((path) => isWork(path) || isPart(path)), []);
  // Help asks each for its description, which definitions of outputs and sources are a part of.
  for (const path of all) assertEquals(evaluated(path).filter(isWork), [], path);
  for (const command of all) {
    const others = all.filter((path) => path !== command);
    assertEquals(evaluated(command).filter((path) => others.includes(path)), [], command);
  }
});

Deno.test("--version prints the version of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assertEquals(await must(nfscribe([], "--version")), `nfscribe ${version}\n`);
});

Deno.test("without --allow-write nfscribe run is status 1 and names the exact flags", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/trace.pcap`;
  const { code, stderr } = await run(nfscribe([], "run", "--group", "1", "--pcap", path));
  assertEquals(code, 1);
  assertMatch(stderr, /run again with --allow-ffi --allow-read=\S+ --allow-write=\S+\n/);
  assertStringIncludes(stderr, `--allow-write=${path}\n`);
  assertStringIncludes(stderr, `  write ${path}: output pcap: appending\n`);
  assert(!stderr.includes("    at "), "a stack trace is not for users");
});

Deno.test("without --allow-ffi nfscribe run is status 1 and names a flag that works", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/trace.pcap`;
  const files = [`--allow-read=${path}`, `--allow-write=${path}`];
  const { code, stderr } = await run(nfscribe(files, "run", "--group", "1", "--pcap", path));
  assertEquals(code, 1);
  const flag = stderr.match(/--allow-ffi\b/)?.[0];
  assertEquals(flag, "--allow-ffi");
  const program = `import { libc } from "${ROOT}ffi/libc.ts";
console.log(typeof libc().socket);`;
  assertEquals(await must(deno(flag!, "-"), program), "function\n");
});

Deno.test("check takes what run takes, and asks for the rights of a file with the process id", async () => {
  const what = ["--group", "1", "--pcap", "t.pcap", "--pid-file", "nfscribe.pid", "--takeover"];
  const { code, stdout } = await run(nfscribe(["--allow-read"], "check", ...what, "--flags"));
  assertEquals(code, 0);
  for (const right of ["read", "write"]) {
    const flag = stdout.split("\n").find((line) => line.startsWith(`--allow-${right}=`));
    assertStringIncludes(flag!, "nfscribe.pid");
  }
});
