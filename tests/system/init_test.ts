import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/toml/parse";
import { canRun, deno, hasProgram, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Returns the command line of `nfscribe` with permissions for a folder. */
function nfscribe(folder: string, ...args: readonly string[]): string[] {
  const flags = [`--allow-read=${folder}/`, `--allow-write=${folder}/`, "--allow-env=PATH"];
  return deno(...flags, `${ROOT}main.ts`, ...args);
}

const FILES = ["deno.json", "filter.ts", "filter_test.ts", "nfscribe.toml"];

/** Lists the names in a folder. */
function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("nfscribe init: what it writes passes deno test, fmt and lint, and nfscribe check", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/new place`;
  const said = await must(nfscribe(folder.path, "init", "--folder", path, "--group", "7"));
  assertEquals(namesIn(path), FILES);
  assertStringIncludes(said, `Wrote nfscribe.toml, filter.ts, filter_test.ts and deno.json.`);
  assertStringIncludes(said, `  cd '${path}'\n`);
  const inside = (...words: string[]) =>
    must(["env", "-C", path, "NO_COLOR=1", Deno.execPath(), ...words]);
  assertStringIncludes(await inside("test"), "3 passed");
  await inside("fmt", "--check");
  await inside("lint");
  const toCheck = [
    "--allow-ffi",
    "--allow-read",
    "--allow-write=/tmp",
    "--allow-run=deno",
    "--allow-sys=hostname",
    `${ROOT}main.ts`,
    "check",
  ];
  const checked = await inside("run", "--quiet", "--no-prompt", ...toCheck);
  assertStringIncludes(checked, "sources  nflog:7");
  assertStringIncludes(checked, "types checked, loads");
  assertEquals(namesIn(path), FILES);
});

for (
  const [sources, args, passed, kinds] of [
    [["accounting"], ["--accounting", "5"], 2, "counter"],
    [
      ["nflog", "conntrack", "accounting"],
      ["--group", "7", "--conntrack", "destroy", "--accounting", "5", "--json", "a"],
      7,
      "record",
    ],
  ] as const
) {
  Deno.test(`nfscribe init writes ${sources.join(", ")}, and a filter and a test of these`, async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const said = await must(nfscribe(path, "init", "--folder", path, ...args));
    const hasPackets = kinds === "record" && passed === 7;
    assertEquals(said.includes("nfscribe rules"), hasPackets, said);
    const text = await Deno.readTextFile(`${path}/nfscribe.toml`);
    const { source, actions } = parse(text) as { source: { type: string }[]; actions?: unknown };
    assertEquals(source.map(({ type }) => type), [...sources]);
    assertEquals(actions !== undefined, hasPackets);
    assertStringIncludes(text, `every ${kinds} goes to every output`);
    const inside = (...words: string[]) =>
      must(["env", "-C", path, "NO_COLOR=1", Deno.execPath(), ...words]);
    assertStringIncludes(await inside("test"), `${passed} passed`);
    await inside("fmt", "--check");
    await inside("lint");
    const checked = await must(
      deno("-A", `${ROOT}main.ts`, "check", "-c", `${path}/nfscribe.toml`),
    );
    assertStringIncludes(checked, "types checked, loads");
  });
}

Deno.test("nfscribe init: the commands that it shows are those that work", async () => {
  await using folder = await temporaryFolder();
  const said = await must(nfscribe(folder.path, "init", "--folder", folder.path));
  const commands = [...said.matchAll(/^ {2}(\S*nfscribe (?:rules|check))/gm)].map(([, line]) =>
    line!
  );
  assertEquals(commands.map((line) => line.split(" ")[1]), ["rules", "check"]);
  for (const line of commands) {
    const [script, command] = line.split(" ");
    const printed = await must([
      "env",
      "-C",
      folder.path,
      "sh",
      "-c",
      `${ROOT}${script} ${command}`,
    ]);
    assertMatch(printed, command === "rules" ? /group 1\b/ : /^nfscribe\.toml: ok/);
  }
});

Deno.test("nfscribe init needs the rights that --flags names, and no other, to know how it is called", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/bin`);
  await Deno.symlink(`${ROOT}scripts/nfscribe`, `${path}/bin/nfscribe`);
  const inPath = (command: readonly string[]) =>
    must(["env", `PATH=${path}/bin:${Deno.env.get("PATH")}`, ...command]);
  const init = [`${ROOT}main.ts`, "init", "--folder", `${path}/there`];
  const flags = await inPath(deno("--allow-read", "--allow-env", ...init, "--flags"));
  assertEquals(flags.trim().split("\n"), [
    "--allow-env=PATH",
    `--allow-read=${path}/there/,${path}/bin/nfscribe`,
    `--allow-write=${path}/there/`,
  ]);
  const said = await inPath(deno(...flags.trim().split("\n"), ...init));
  assertStringIncludes(said, "\n  nfscribe rules  #");
});

Deno.test("nfscribe init overwrites nothing, names existing files, and changes nothing", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/filter.ts`, "mine");
  const { code, stdout, stderr } = await run(
    nfscribe(folder.path, "init", "--folder", folder.path),
  );
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "filter.ts is there already, and nothing is written over");
  assertEquals(namesIn(folder.path), ["filter.ts"]);
  assertEquals(await Deno.readTextFile(`${folder.path}/filter.ts`), "mine");
});

Deno.test("nfscribe init: wrong options are status 2, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  for (
    const [option, value, message] of [
      ["--group", "70000", "--group: must be a whole number from 0 to 65535"],
      ["--group", "x", "--group: must be a whole number from 0 to 65535"],
      ["--postgres", "mysql://x", "--postgres: "],
    ]
  ) {
    const { code, stderr } = await run(
      nfscribe(folder.path, "init", "--folder", `${folder.path}/x`, option!, value!),
    );
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, `nfscribe: nfscribe init: ${message}`);
  }
  assertEquals(namesIn(folder.path), []);
});

Deno.test("nfscribe init takes outputs from options alone", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await must(nfscribe(path, "init", "--folder", path, "--postgres", "postgres://u@h/d"));
  const text = await Deno.readTextFile(`${path}/nfscribe.toml`);
  assertStringIncludes(text, 'url = "postgres://u@h/d"');
  assert(!/^\[output\.(pcap|logemu)\]/m.test(text));
  assertEquals((await Deno.stat(`${path}/nfscribe.toml`)).mode! & 0o007, 0);
});

Deno.test("nfscribe init --rules takes the groups that rules log to, unless an option names one", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const sourceOf = async (name: string, rules: string, ...args: string[]) => {
    await Deno.writeTextFile(`${path}/rules`, rules);
    await must(
      nfscribe(path, "init", "--folder", `${path}/${name}`, "--rules", `${path}/rules`, ...args),
    );
    const { source } = parse(await Deno.readTextFile(`${path}/${name}/nfscribe.toml`));
    const [{ group, groups }] = source as [{ group?: number; groups?: number[] }];
    return groups ?? group;
  };
  const saved = "*filter\n-A INPUT -j NFLOG --nflog-group 5 --nflog-prefix A\nCOMMIT\n";
  assertEquals(await sourceOf("one", saved), 5);
  assertEquals(await sourceOf("given", saved, "--group", "9"), 9);
  assertEquals(await sourceOf("zero", "*filter\n-A INPUT -j NFLOG\nCOMMIT\n"), 0);
  const nft = `table inet f {\n\tchain c {
\t\tmeta skgid 33 log prefix "group 8" group 7 snaplen 64 log group 2 drop
\t\tlog prefix "kernel "\n\t}\n}\n`;
  assertEquals(await sourceOf("several", nft), [2, 7]);
  assertEquals(await sourceOf("none", "table inet f {\n\tchain c {\n\t\taccept\n\t}\n}\n"), 1);
});

/** Characters of Ctrl-C and Ctrl-D. */
const KEYS: readonly string[] = ["\x03", "\x04"];

/** Runs `nfscribe init` on a terminal, and answers each question when it appears. */
async function onTerminal(
  command: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
  status = 0,
): Promise<string> {
  const words = command.map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", words, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill(), 20_000);
  const writer = child.stdin.getWriter();
  const left = [...answers];
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    const [next] = left;
    if (next === undefined || !said.includes(next[0])) continue;
    left.shift();
    await writer.write(new TextEncoder().encode(KEYS.includes(next[1]) ? next[1] : `${next[1]}\n`));
  }
  await writer.close();
  const { code } = await child.status;
  clearTimeout(timer);
  assertEquals([code, left], [status, []], said);
  return said;
}

Deno.test({
  name: "nfscribe init asks on a terminal, and --yes asks nothing (needs script)",
  ignore: !hasProgram("script"),
  fn: async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const init = (name: string, ...args: string[]) =>
      nfscribe(path, "init", "--folder", `${path}/${name}`, ...args);
    await onTerminal(init("a"), [["names, 0 to 65535 [1]:", "9"], ["[pcap logemu]:", "logemu"]]);
    const text = await Deno.readTextFile(`${path}/a/nfscribe.toml`);
    assertMatch(text, /^group = 9 /m);
    assert(!text.includes("[output.pcap]"));
    await onTerminal(init("b"), [["names, 0 to 65535 [1]:", ""], ["[pcap logemu]:", ""]]);
    assertMatch(await Deno.readTextFile(`${path}/b/nfscribe.toml`), /^group = 1 /m);
    const silent = await onTerminal(init("c", "--yes"), []);
    assert(!silent.includes("65535"));
    assertEquals(namesIn(`${path}/c`), FILES);
  },
});

Deno.test({
  name:
    "nfscribe init: Ctrl-C and Ctrl-D at any question end it, and nothing is written (needs script)",
  ignore: !hasProgram("script"),
  fn: async () => {
    await using folder = await temporaryFolder();
    const init = nfscribe(folder.path, "init", "--folder", `${folder.path}/a`);
    for (const key of KEYS) {
      for (const before of [[], [["names, 0 to 65535 [1]:", "9"] as const]]) {
        const question = before.length === 0 ? "names, 0 to 65535 [1]:" : "[pcap logemu]:";
        const said = await onTerminal(init, [...before, [question, key]], 1);
        assertStringIncludes(said, "nfscribe: Nothing was written: a question was left without an");
        assertEquals(namesIn(folder.path), []);
      }
    }
  },
});

Deno.test("nfscribe init: its test has right types with other filters, too", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await must(nfscribe(path, "init", "--folder", path));
  for (
    const filter of [
      `export default () => "logemu";`,
      `import type { Filter } from "nfscribe";
export default ((packet, context) => {
  context.attach({ length: packet.originalLength });
}) satisfies Filter;`,
      `export default async () => await Promise.resolve(["pcap"]);`,
    ]
  ) {
    await Deno.writeTextFile(`${path}/filter.ts`, filter);
    await must(["env", "-C", path, Deno.execPath(), "check", "--quiet", "filter_test.ts"]);
  }
});

Deno.test("scripts/nfscribe init names a Deno that can be typed where the search path has none", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const own = Deno.execPath();
  const said = (search: string, name: string) =>
    must([
      "env",
      `PATH=${search}`,
      `${ROOT}scripts/nfscribe`,
      "init",
      "--folder",
      `${path}/${name}`,
    ]);
  await Deno.mkdir(`${path}/bin`);
  await Deno.symlink(own, `${path}/bin/deno`);
  assertStringIncludes(
    await said(`${path}/bin:/usr/bin:/bin`, "there"),
    "\ndeno test runs the filter's test.\n",
  );
  if (["/usr/bin", "/bin", "/usr/sbin", "/sbin"].some((folder) => canRun(`${folder}/deno`, "-V"))) {
    return;
  }
  const [, word] = /^(\S+) test runs the filter's test\.$/m.exec(
    await said("/usr/bin:/bin", "away"),
  )!;
  assert(word!.startsWith("/"), word);
  assertStringIncludes(await must(["env", "-C", `${path}/away`, word!, "test"]), "3 passed");
});
