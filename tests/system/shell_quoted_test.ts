import { assert, assertEquals, assertMatch } from "@std/assert";
import { folderOf } from "../../src/text/path.ts";
import { escaped } from "../../src/text/escape.ts";
import { quoted, quotedExactly, quotedPath } from "../../src/text/shell_quoted.ts";
import { interfacesFinding } from "../../src/doctor/interfaces.ts";
import { outputFinding } from "../../src/doctor/outputs.ts";
import { findCredentials } from "../../src/privileges/user.ts";
import { ConfigError } from "../../src/errors.ts";
import { canRun, deno, hasProgram, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Words in which a shell would see something else than text. */
const WORDS = [
  "a b",
  "$(touch pwned)",
  "`touch pwned`",
  "it's",
  'a"b\\c',
  "a\nb",
  "\x1b]0;title\x07\x9b2J",
  "\u202egnp.exe",
  "'\x1b\\'",
  "~",
  "*",
  "-n",
  "=ls",
  "#x",
  "",
  "ä😀",
];
const SHELLS = ["bash", "zsh"].filter(hasProgram);

Deno.test("quoted() is one visible line that a shell takes for the same text", async () => {
  assert(SHELLS.includes("bash"));
  for (const word of WORDS) {
    const text = quoted(word);
    assertEquals(escaped(text), text, "nothing acts on the terminal");
    for (const shell of SHELLS) {
      assertEquals(await must([shell, "-c", `printf '%s|' ${text}`]), `${word}|`, shell);
    }
  }
});

Deno.test("quotedExactly() is what every POSIX shell takes for the same text", async () => {
  for (const word of WORDS) {
    assertEquals(await must(["sh", "-c", `printf '%s|' ${quotedExactly(word)}`]), `${word}|`);
  }
});

Deno.test("quotedPath() gives no option", async () => {
  await using folder = await temporaryFolder();
  await must(["sh", "-c", `cd "$1" && mkdir ${quotedPath("--version")}`, "sh", folder.path]);
  assert((await Deno.stat(`${folder.path}/--version`)).isDirectory);
});

Deno.test("nfscribe doctor: the command that makes an output's folder makes that folder, and runs nothing else", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a b", "$(touch pwned)", "it's", "`touch pwned`", "\x1b[2Jx"]) {
    const path = `${folder.path}/${name}/fw.pcap`;
    const part = { name: "pcap", type: "pcap", options: { path, makeFolders: false } };
    const { state, commands } = await outputFinding(part, undefined, "");
    assertEquals(state, "fix");
    await must(["bash", "-c", `cd "$1" && ${commands![0]}`, "sh", folder.path]);
    assert((await Deno.stat(folderOf(path))).isDirectory, name);
  }
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert(!names.includes("pwned"), names.join(" "));
});

Deno.test("Commands that enter a namespace and add users quote what the configuration says", () => {
  const down = [{ index: 1, name: "lo", isUp: false }];
  assertEquals(
    interfacesFinding("/run/my ns/$(reboot)", down).commands,
    ["nsenter '--net=/run/my ns/$(reboot)' ip link set lo up"],
  );
  for (
    const [options, command] of [
      [
        { user: "$(reboot)" },
        "useradd --system --no-create-home --shell /usr/sbin/nologin '$(reboot)'",
      ],
      [{ user: "daemon", group: "a b" }, "groupadd --system 'a b'"],
    ] as const
  ) {
    try {
      findCredentials(options, "fw.toml");
    } catch (error) {
      assert(error instanceof ConfigError);
      assert(error.message.includes(command), error.message);
      continue;
    }
    throw new Error("the user was found");
  }
});

Deno.test("nfscribe check: a checkout in a folder with odd characters names itself so that a shell finds it", async () => {
  await using folder = await temporaryFolder();
  const checkout = `${folder.path}/it's $(touch pwned)`;
  await Deno.mkdir(checkout);
  // A copy, for Deno names modules by their real path.
  for (const name of ["src", "ffi", "scripts", "main.ts", "mod.ts", "deno.json", "deno.lock"]) {
    await must(["cp", "-r", `${ROOT}${name}`, checkout]);
  }
  const file = `${folder.path}/fw.toml`;
  await Deno.writeTextFile(
    file,
    '[[source]]\ntype = "nflog"\ngroup = 1\n[output.pcap]\npath = "a.pcap"\n',
  );
  const { stdout, stderr } = await run(deno("-A", `${checkout}/main.ts`, "check", "-c", file));
  const [, command] = /^Next: (.*) run -c/m.exec(stdout) ?? [];
  assert(command !== undefined, stdout + stderr);
  assertEquals(
    await must(["bash", "-c", `printf %s ${command}`]),
    `${checkout}/scripts/nfscribe`,
  );
});

Deno.test({
  name: "nfscribe try: the line to type for nfscribe is quoted (needs script, nft)",
  ignore: !canRun("unshare", "--net", "true") || !hasProgram("script"),
}, async () => {
  await using folder = await temporaryFolder();
  const checkout = `${folder.path}/it's $(touch pwned)`;
  await Deno.mkdir(checkout);
  for (const name of ["src", "scripts"]) await must(["cp", "-r", `${ROOT}${name}`, checkout]);
  const start = `SHELL=/bin/true sh ${quoted(`${checkout}/scripts/nfscribe`)} try`;
  const { stdout } = await run(["script", "-qec", start, "/dev/null"]);
  assertMatch(stdout, /it'\\''s \$\(touch pwned\)\/scripts\/nfscribe' run --group 1/);
});
