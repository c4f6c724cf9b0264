import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ULOGD_1_02, ULOGD_2_0_4 } from "../import/confs.ts";
import { deno, exists, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Configuration file of Debian's ulogd2. */
const DEBIAN = "/etc/ulogd.conf";

/** Returns the command line of `nfscribe import` with permission to read one file. */
function importOf(file: string): string[] {
  return deno(`--allow-read=${file}`, `${ROOT}main.ts`, "import", file);
}

Deno.test(
  `nfscribe import ${DEBIAN} prints a configuration that is right (needs Debian's ulogd2)`,
  { ignore: !exists(DEBIAN) },
  async () => {
    const conf = await Deno.readTextFile(DEBIAN);
    const printed = [
      await must(importOf(DEBIAN)),
      await must(deno(`${ROOT}main.ts`, "import", "-"), conf.replaceAll(/^#stack/gm, "stack")),
    ];
    const [asItIs, allStacks] = printed.map((toml) => checkConfig(parse(toml), "nfscribe.toml"));
    assertEquals(asItIs!.sources.map(({ type, options: { group } }) => [type, group]), [
      ["nflog", 0],
    ]);
    assertEquals(asItIs!.outputs.map(({ options: { path, sync } }) => [path, sync]), [
      ["/var/log/nfscribe/syslogemu.log", true],
    ]);
    assertEquals(allStacks!.sources.map(({ name, outputs }) => [name, outputs]), [
      ["log1", ["emu1", "gp1", "xml1-packet", "sqlite3_ct"]],
      ["log2", ["emu1", "pcap1", "mysql1", "pgsql1", "json1"]],
      ["ulog1", ["emu1"]],
      ["ct1", ["emu1", "gp1", "xml1", "mysql2", "pgsql2", "pgsql3", "sqlite3_ct", "nacct1"]],
      ["acct1", ["xml1-counter", "graphite1", "gp1"]],
      ["log3", ["sys1"]],
    ]);
    assertEquals(
      allStacks!.outputs.map(({ type }) => type),
      [
        ...["logemu", "gprint", "xml", "xml", "xml", "graphite", "pcap", "mysql", "postgres"],
        ...["json", "syslog", "mysql", "postgres", "postgres", "sqlite", "nacct"],
      ],
    );
  },
);

Deno.test("scripts/nfscribe import and nfscribe check: an imported configuration is right", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/ulogd.conf`, ULOGD_1_02);
  const toml = await must([`${ROOT}scripts/nfscribe`, "import", `${path}/ulogd.conf`]);
  await Deno.writeTextFile(`${path}/nfscribe.toml`, toml);
  const check = ["check", "-c", `${path}/nfscribe.toml`];
  assertStringIncludes(await must(deno("--allow-read", `${ROOT}main.ts`, ...check)), ": ok\n");
});

Deno.test("scripts/nfscribe import reads a file with a comma in its name, and reports a missing one", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/a,b.conf`;
  await Deno.writeTextFile(file, ULOGD_1_02);
  const printed = await must([`${ROOT}scripts/nfscribe`, "import", file]);
  assertStringIncludes(printed, 'type = "logemu"');
  const { code, stderr } = await run([`${ROOT}scripts/nfscribe`, "import", `${file}.old`]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot read ${file}.old: there is no such file`);
});

Deno.test("nfscribe import reports errors of a file", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const missing = await run(importOf(`${path}/ulogd.conf`));
  assertEquals([missing.code, missing.stdout], [1, ""]);
  assertStringIncludes(missing.stderr, `Cannot read ${path}/ulogd.conf: there is no such file`);
  await Deno.writeTextFile(`${path}/ulogd.conf`, ULOGD_2_0_4);
  const denied = await run(deno(`${ROOT}main.ts`, "import", `${path}/ulogd.conf`));
  assertEquals(denied.code, 1);
  assertStringIncludes(denied.stderr, `run again with --allow-read=${path}/ulogd.conf`);
  const { code, stdout, stderr } = await run(importOf(`${path}/ulogd.conf`));
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, `nfscribe: ${path}/ulogd.conf: stack: no stack is active`);
});

const USAGE: readonly [args: readonly string[], message: string][] = [
  [["import"], "FILE is missing: ulogd's configuration; - is standard input"],
  [["rules"], "Say which rules: -c FILE or --group N, --from RULE or --shards N"],
  [["rules", "--from", "x", "--shards", "2"], "Say either --from"],
  [["rules", "--shards", "1"], '--shards must be a whole number from 2 to 256, not "1"'],
  [["rules", "--shards", "4", "--group", "65533"], "--group must be at most 65532 with --shards 4"],
  [
    ["rules", "--shards", "4", "--family", "arp"],
    '--family cannot be "arp"; there is "inet", "ip", "ip6", "bridge"',
  ],
  [["rules", "--shards", "4", "--to", "nft"], "--to belongs to --from"],
  [["rules", "--from", "x", "--family", "ip"], "--family belongs to --shards"],
  [["rules", "--from", "x", "--to", "pf"], '--to cannot be "pf"; there is "iptables", "nft"'],
  [["rules", "--from", "iptables -A INPUT -j DROP"], "--from: there is no rule that logs"],
  [
    ["rules", "--from", "iptables -A INPUT -j ULOG --ulog-nlgroup 0"],
    '--from: line 1: --ulog-nlgroup must be a number from 1 to 32, not "0"',
  ],
];

for (const [args, message] of USAGE) {
  Deno.test(`nfscribe ${args.join(" ")}: status 2, and what is wrong`, async () => {
    const { code, stdout, stderr } = await run(deno(`${ROOT}main.ts`, ...args));
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `nfscribe: ${message}`);
  });
}

Deno.test("nfscribe rules needs no right, and takes --from more than once", async () => {
  const rules = ["-A INPUT -j ULOG", "ip6tables -A INPUT -j LOG"];
  const printed = await must(
    deno(`${ROOT}main.ts`, "rules", "--group", "3", ...rules.flatMap((rule) => ["--from", rule])),
  );
  const commands = printed.split("\n").filter((line) => /^(ip|nft)/.test(line));
  assertEquals(commands, [
    "iptables -A INPUT -j NFLOG --nflog-group 1",
    "nft 'add rule ip filter INPUT counter log group 1'",
    "ip6tables -A INPUT -j NFLOG --nflog-group 3",
    "nft 'add rule ip6 filter INPUT counter log group 3'",
  ]);
});

Deno.test("nfscribe rules prints what it could translate, then what it could not", async () => {
  const script = "iptables -A INPUT -j ULOG\niptables -A INPUT -j ULOG --ulog-nlgroup 99\n";
  const { code, stdout, stderr } = await run(
    deno(`${ROOT}main.ts`, "rules", "--from", "-", "--to", "iptables"),
    script,
  );
  assertEquals(code, 2);
  assertStringIncludes(stdout, "\niptables -A INPUT -j NFLOG --nflog-group 1\n");
  assertStringIncludes(stderr, "nfscribe: standard input: line 2: --ulog-nlgroup must be");
});

Deno.test("nfscribe rules says how a file is read where a rule is expected", async () => {
  const { code, stderr } = await run(
    deno(`${ROOT}main.ts`, "rules", "--from", "/etc/firewall_rules.sh"),
  );
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    '"/etc/firewall_rules.sh" is no rule; a file is read from standard input: ' +
      "nfscribe rules --from - </etc/firewall_rules.sh",
  );
});

Deno.test("docs/migration.md shows what nfscribe rules prints", async () => {
  const text = await Deno.readTextFile(`${ROOT}docs/migration.md`);
  const [, rule, shown] = /^nfscribe rules --from "(.*?)"\n```\n\n```\n(.*?)^```$/ms.exec(text)!;
  assertEquals(await must(deno(`${ROOT}main.ts`, "rules", "--from", rule!)), shown);
});
