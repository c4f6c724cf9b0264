import { assertEquals, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import { deno, ROOT, run, temporaryFolder } from "./process.ts";

const GROUP = '[[source]]\ntype = "nflog"\ngroup = 1\n';
const CAPTURE = '[[source]]\ntype = "pcap"\npath = "in.pcap"\n';
const PCAP = '[output.pcap]\npath = "out.pcap"\n';
const LONG = "s".repeat(120);

/** Configurations that cannot run, and why. */
const REFUSED: readonly (readonly [name: string, config: string, why: string])[] = [
  [
    "writes over itself",
    `${GROUP}[output.logemu]\nhostname = "gate"\npath = "nfscribe.toml"\n`,
    'output.logemu.path: "FOLDER/nfscribe.toml" is the configuration itself',
  ],
  [
    "logs into itself",
    `${GROUP}${PCAP}[log]\nfile = "./nfscribe.toml"\n`,
    'log.file: "FOLDER/nfscribe.toml" is the configuration itself',
  ],
  [
    "writes over its filter",
    `${GROUP}[output.pcap]\npath = "filter.ts"\n[filter]\nscript = "filter.ts"\n`,
    'output.pcap.path: "FOLDER/filter.ts" is the filter\'s script',
  ],
  [
    "writes to its socket",
    `${GROUP}${PCAP}[stats]\nsocket = "out.pcap"\n`,
    'output.pcap.path: "FOLDER/out.pcap" is the socket of [stats]',
  ],
  [
    "misspells {time}",
    `${GROUP}[output.pcap]\npath = "{tiem}.pcap"\n`,
    "output.pcap.path: has {tiem}, which nothing replaces; only {time} is replaced",
  ],
  [
    "has a socket with a long path",
    `${GROUP}${PCAP}[stats]\nsocket = "${LONG}"\n`,
    "bytes, and the path of a socket may have 107; choose a shorter one, as in /run/nfscribe.sock",
  ],
  [
    "holds a key twice",
    `${GROUP}group = 2\n${PCAP}`,
    "is not TOML: source.group stands in lines 3 and 4; leave one out",
  ],
  [
    "has an output without a name",
    `${GROUP}[output]\npath = "out.pcap"\n`,
    "output: has path outside of an output's table; give the output a name, as in [output.pcap]",
  ],
  [
    "has an output without a name beside one with a name",
    `${GROUP}${PCAP}[output]\npath = "b.pcap"\n`,
    "line 6: [output] lacks the output's name; write [output.NAME], as in [output.pcap]",
  ],
  [
    "names one group and several",
    `${GROUP}groups = [2]\n${PCAP}`,
    "source[0].group: stands beside groups; leave one of them out",
  ],
  [
    "reads what is no capture file",
    `[[source]]\ntype = "pcap"\npath = "text"\n${PCAP}`,
    "Cannot read FOLDER/text: it is not a capture file in pcap or pcapng format; choose another file",
  ],
  [
    "reads a second file that is not there",
    `[[source]]\ntype = "pcap"\npath = ["none.pcap"]\n${PCAP}`,
    "Cannot read FOLDER/none.pcap: there is no such file; check the path",
  ],
  [
    "writes to a folder",
    `${GROUP}[output.pcap]\npath = "folder"\n`,
    "Cannot open FOLDER/folder: it is a folder, not a file; name a file in it",
  ],
];

for (const [name, config, why] of REFUSED) {
  Deno.test(`a configuration that ${name} is refused by check and run in the same words`, async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(`${path}/text`, "no capture file, but longer than a header of one\n");
    await Deno.writeTextFile(`${path}/filter.ts`, "export default () => true;\n");
    await Deno.mkdir(`${path}/folder`);
    const file = `${path}/nfscribe.toml`;
    await Deno.writeTextFile(file, config);
    for (const command of ["check", "run"]) {
      const { code, stderr } = await run(
        deno("--allow-all", `${ROOT}main.ts`, command, "-c", file),
      );
      const said = stderr.split("\n").filter((line) => !line.includes(": warn: ")).join("\n");
      assertStringIncludes(said, why.replace("FOLDER", path), command);
      assertEquals([1, 2].includes(code), true, command);
    }
    assertEquals(await Deno.readTextFile(file), config);
    assertEquals(await Deno.readTextFile(`${path}/filter.ts`), "export default () => true;\n");
  });
}

Deno.test("check tells which folders to make, and run says which file lacks one", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const file = `${path}/nfscribe.toml`;
  await (await pcapFile(`${path}/in.pcap`))[Symbol.asyncDispose]();
  const parts: readonly (readonly [toml: string, missing: string, why: string])[] = [
    [
      `${GROUP}${PCAP}[log]\nfile = "logs/n.log"\n`,
      "logs",
      "Cannot open the log FOLDER/logs/n.log",
    ],
    [`${CAPTURE}[output.pcap]\npath = "a/b/o.pcap"\n`, "a/b", "Cannot open FOLDER/a/b/o.pcap"],
    [`${CAPTURE}${PCAP}[stats]\nsocket = "run/s"\n`, "run", "Cannot listen on FOLDER/run/s"],
  ];
  for (const [toml, missing, why] of parts) {
    await Deno.writeTextFile(file, toml);
    const command = (name: string) => run(deno("--allow-all", `${ROOT}main.ts`, name, "-c", file));
    assertStringIncludes((await command("check")).stdout, `\nNext: mkdir -p ${path}/${missing}\n`);
    const { code, stderr } = await command("run");
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `${why.replace("FOLDER", path)}: its folder does not exist; make it first`,
    );
    await Deno.mkdir(`${path}/${missing}`, { recursive: true });
    const { stdout } = await command("check");
    assertStringIncludes(stdout, "\nNext: ");
    assertEquals(stdout.includes("mkdir"), false);
  }
});

Deno.test("a capture file that another program packed is refused with what unpacks it", async () => {
  await using folder = await temporaryFolder();
  const heads = { xz: "\xfd7zXZ\0", bzip2: "BZh9", lz4: "\x04\x22\x4d\x18" };
  for (const [name, head] of Object.entries(heads)) {
    const file = `${folder.path}/${name}`;
    await Deno.writeFile(file, Uint8Array.from(head.padEnd(40), (letter) => letter.charCodeAt(0)));
    const { code, stderr } = await run(
      deno("--allow-all", `${ROOT}main.ts`, "replay", file, "--pcap", `${folder.path}/out`),
    );
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot read ${file}: ${name} packed it; unpack it: ${name} -dc FILE | nfscribe replay -`,
    );
  }
});

Deno.test("what stands in the wrong place is answered with the right one", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  for (
    const [words, why] of [
      ["test a.pcap f.ts", "The filter comes first: nfscribe test f.ts a.pcap"],
      [
        "stats -c none.toml",
        "none.toml: Cannot read it: there is no such file; name another with -c",
      ],
      ["stats", "and no /etc/nfscribe/nfscribe.toml; name one with -c"],
      ["replay a.pcap", "name one with -c, or say where packets go, as with --pcap FILE"],
      ["run", "name one with -c, or say what to do with --group and --pcap"],
      ["run -c .", ".: Cannot read it: it is a folder, not a file; name a file in it"],
      ["import .", "Cannot read .: it is a folder; name a file in it"],
      [
        "init --folder /dev/null/x",
        "a part of its path is a file, not a folder; choose another one",
      ],
      ["replay a.pcap --pcap /dev/null/x", "Cannot open /dev/null/x: a part of its path is a file"],
    ] as const
  ) {
    const { code, stderr } = await run(
      ["sh", "-c", 'cd "$0" && exec "$@"', path].concat(
        deno("--allow-all", `${ROOT}main.ts`, ...words.split(" ")),
      ),
    );
    assertEquals([1, 2].includes(code), true, words);
    assertStringIncludes(stderr, why, words);
    assertEquals(stderr.includes("os error"), false, stderr);
  }
});
