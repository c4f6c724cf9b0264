import { assertEquals, assertStringIncludes } from "@std/assert";
import { atHome, deno, hasProgram, must, ROOT, temporaryFolder } from "./process.ts";
import { Typist } from "./typist.ts";

/** Writes the output of `nfscribe completions SHELL` to a file. */
async function writeScript(shell: string, file: string): Promise<void> {
  const script = await must(deno(`${ROOT}main.ts`, "completions", shell));
  await Deno.writeTextFile(file, script);
}

/** Text typed up to a tab, and the resulting words, for every shell. */
const TYPED: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ["nfscribe comp\t", ["completions"]],
  ["nfscribe run --pid\t x", ["run", "--pid-file", "x"]],
  ["nfscribe run --pcap tra\t", ["run", "--pcap", "trace one.pcap"]],
  ["nfscribe run -c tra\t", ["run", "-c", "trace one.pcap"]],
  ["nfscribe replay tra\t", ["replay", "trace one.pcap"]],
  ["nfscribe run --postgres po\tx", ["run", "--postgres", "postgres://x"]],
  ["nfscribe run --group tra\t", ["run", "--group", "tra"]],
  ["nfscribe db -c x sch\t", ["db", "-c", "x", "schema"]],
  ["nfscribe replay --pace r\tx", ["replay", "--pace", "recorded", "x"]],
  ["nfscribe rules --to n\t--family b\t", ["rules", "--to", "nft", "--family", "bridge"]],
  ["nfscribe completions z\t", ["completions", "zsh"]],
  ["nfscribe help chec\t", ["help", "check"]],
  ["nfscribe try mktem\t", ["try", "mktemp"]],
  ["nfscribe try cat tra\t", ["try", "cat", "trace one.pcap"]],
  ["nfscribe try --he\t", ["try", "--help"]],
];

/**
 * Starts a shell in a folder with that file, and with a function in place of nfscribe that shows
 * its words.
 */
async function typed(
  shell: readonly string[],
  folder: string,
  setUp: string,
  typed: readonly string[],
): Promise<string[]> {
  await Deno.writeTextFile(`${folder}/trace one.pcap`, "");
  await using typist = Typist.start(shell, folder);
  // In quotes, so that the echo of the line is not taken for its result.
  await typist.type(`nfscribe() { printf '<%s>' "$@"; echo '#''#'; }; ${setUp}; echo '#''#'\n`);
  await typist.see("##");
  const seen: string[] = [];
  for (const line of typed) {
    await typist.type(`${line}\n`);
    seen.push((await typist.see("##")).match(/<.*>(?=##)/)?.[0] ?? "nothing");
  }
  return seen;
}

const SHOWN = TYPED.map(([, words]) => words.map((word) => `<${word}>`).join(""));

Deno.test({
  name: "bash completes what is typed on a terminal",
  ignore: !hasProgram("script"),
  async fn() {
    await using folder = await temporaryFolder();
    await writeScript("bash", `${folder.path}/completions`);
    const shell = ["bash", "--norc", "--noprofile", "-i"];
    const lines = [
      ...TYPED.map(([line]) => line),
      "nfscribe db --table=x ini\t",
      "nfscribe --v\t",
    ];
    assertEquals(
      await typed(shell, folder.path, "source ./completions", lines),
      [...SHOWN, "<db><--table=x><init>", "<--version>"],
    );
  },
});

Deno.test({
  name: `zsh completes what is typed on a terminal${hasProgram("zsh") ? "" : ": there is no zsh"}`,
  ignore: !hasProgram("zsh") || !hasProgram("script"),
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/functions`);
    await writeScript("zsh", `${path}/functions/_nfscribe`);
    const setUp = "fpath=(./functions $fpath); autoload -Uz compinit; compinit -u -D";
    const lines = [...TYPED.map(([line]) => line), "nfscribe run --pcap=tra\t"];
    assertEquals(
      await typed(["zsh", "-f", "-i"], path, setUp, lines),
      [...SHOWN, "<run><--pcap=trace one.pcap>"],
    );
  },
});

Deno.test({
  name: `fish completes command lines${hasProgram("fish") ? "" : ": there is no fish"}`,
  ignore: !hasProgram("fish"),
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeScript("fish", `${path}/completions`);
    await Deno.writeTextFile(`${path}/trace one.pcap`, "");
    const lines = TYPED.map(([line]) => line.slice(0, line.indexOf("\t")));
    const complete = lines.map((line) => `complete -C '${line}'; echo '#'`).join("\n");
    const program = `cd ${path}\nsource ./completions\n${complete}\n`;
    await using home = await temporaryFolder();
    const shell = [...await atHome(home.path), "fish", "--no-config", "-c", program];
    const offered = (await must(shell)).split("#\n").slice(0, -1);
    assertEquals(
      offered.map((text) => text.trimEnd().split("\n").map((line) => line.split("\t")[0])),
      [
        ["completions"],
        ["--pid-file"],
        ["trace one.pcap"],
        ["trace one.pcap"],
        ["trace one.pcap"],
        ["postgres://"],
        [""],
        ["schema"],
        ["recorded"],
        ["nft"],
        ["zsh"],
        ["check"],
        ["mktemp"],
        ["trace one.pcap"],
        ["--help"],
      ],
    );

    assertStringIncludes(offered[0]!, "\tprint what a shell needs");
  },
});

Deno.test("bash offers all commands, the options of one, and words to choose from", async () => {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/completions`;
  await writeScript("bash", script);
  const offered = async (...words: string[]) => {
    const program = `source "$1"; shift; COMP_WORDS=(nfscribe "$@"); COMP_CWORD=$#
compopt() { printf 'compopt %s\\n' "$*"; }
_nfscribe; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const text = await must(["bash", "--norc", "-c", program, "bash", script, ...words]);
    return text.trimEnd().split("\n");
  };
  const help = await must(deno(`${ROOT}main.ts`, "--help"));
  const commands = [...help.matchAll(/^ {2}(\w+) +\w/gm)].map(([, name]) => name!);
  assertEquals(await offered(""), [...commands, "help", "--help", "--version"]);
  assertEquals(await offered("help", ""), commands);
  const runHelp = await must(deno(`${ROOT}main.ts`, "run", "--help"));
  const options = [...runHelp.matchAll(/^ {2}(?:(-\w), | {4})(--[\w-]+)/gm)]
    .flatMap(([, short, long]) => short === undefined ? [long!] : [short, long!]);
  assertEquals(await offered("run", "-"), options);
  assertEquals(await offered("db", ""), [
    "init",
    "index",
    "migrate",
    "status",
    "import",
    "query",
    "schema",
  ]);
  assertEquals(await offered("run", "--pcap", ""), ["compopt -o default"]);
  assertEquals(await offered("run", "--pcap", "=", "x"), ["compopt -o default"]);
  assertEquals(await offered("run", "--group", ""), [""]);
});
