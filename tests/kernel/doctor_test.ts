import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import type { Finding } from "../../src/finding.ts";
import { hasUlogd, startUlogd } from "../peers/ulogd.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT, iptables, nft } from "./firewall.ts";
import { startNfscribeWith } from "./nfscribe.ts";
import { captureSoon, sendUdp, take } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };
/** Whether the holders of groups can be read: by root of the initial user namespace only. */
const KNOWS_HOLDERS = readProcFile("/proc/net/netfilter/nfnetlink_log") !== undefined;

/** Result of `nfscribe doctor`. */
interface Diagnosis {
  /** The exit status. */
  code: number;
  /** Findings by check. */
  checks: Record<string, Finding>;
}

/** Writes a configuration in a folder of its own. */
async function configured(
  group: number,
  { source = "", output = "", rest = "" }: { source?: string; output?: string; rest?: string } = {},
): Promise<{ path: string; file: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `${rest}\n[[source]]\ntype = "nflog"\ngroup = ${group}\n${source}\n` +
      `${output || '[output.logemu]\npath = "fw.log"\nhostname = "gate"'}\n` +
      `[stats]\nsocket = "n.sock"\n[log]\nformat = "json"\n`,
  );
  return { ...folder, file };
}

/** Returns the command line of a doctor. */
function doctor(flags: readonly string[], ...args: readonly string[]): string[] {
  return deno(...flags, `${ROOT}main.ts`, "doctor", "--json", ...args);
}

async function diagnose(command: readonly string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await run(command);
  assertEquals(stderr, "");
  const { checks, ok } = JSON.parse(stdout) as { checks: Finding[]; ok: boolean };
  assertEquals(ok, code === 0);
  return { code, checks: Object.fromEntries(checks.map((finding) => [finding.check, finding])) };
}

/** Runs a doctor with all rights. */
function diagnosed(file: string, ...args: readonly string[]): Promise<Diagnosis> {
  return diagnose(doctor(["--allow-all"], "-c", file, ...args));
}

/** Returns the checks with something to fix. */
function toFix({ checks }: Diagnosis): string[] {
  return Object.values(checks).filter(({ state }) => state === "fix").map(({ check }) => check);
}

Deno.test(
  "nfscribe doctor: without a rule it prints the command that adds one, and that rule is found (needs nft)",
  needsNft,
  async () => {
    await using folder = await configured(61);
    await using _others = await nft([
      ["input", "udp dport 9 counter log group 62"],
      ["input", 'udp dport 9 counter log prefix "kernel"'],
    ]);
    const before = await diagnosed(folder.file);
    assertEquals([before.code, toFix(before)], [1, ["rules nflog:61"]]);
    const { message, commands } = before.checks["rules nflog:61"]!;
    if (KNOWS_HOLDERS) {
      assertEquals(
        message,
        "no rule logs to group 61; there are rules for group 62; " +
          "1 rule without a group log to the kernel's own log",
      );
      const [, ...words] = commands![0]!.split(" ");
      const rules = await must(deno("--allow-read", `${ROOT}main.ts`, ...words, "--to", "nft"));
      await must(["nft", "-f", "-"], rules);
    } else await must(["nft", "add rule inet nfscribe c0 counter log group 61"]);
    const after = await diagnosed(folder.file);
    assertEquals([after.code, toFix(after)], [0, []]);
    assertMatch(
      after.checks["rules nflog:61"]!.message,
      /^\d rules?: inet nfscribe \w+, 0 packets/,
    );
    assertEquals(after.checks["rules nflog:61"]!.state, "note");
  },
);

Deno.test(
  "nfscribe doctor --try: reports that no packet came, then shows the first one; all is well (needs nft)",
  needsNft,
  async () => {
    await using folder = await configured(63);
    await using _rules = await nft([["output", 'udp dport 9 counter log prefix "hi" group 63']]);
    const none = await diagnosed(folder.file, "--try", "0.1");
    assertEquals([none.code, toFix(none)], [1, ["packets nflog:63"]]);
    assertEquals(none.checks["packets nflog:63"]!.message, "none came in 0.1 s");
    const sending = setInterval(() => sendUdp(), 50);
    try {
      const some = await diagnosed(folder.file, "--try", "20");
      assertEquals([some.code, toFix(some)], [0, []]);
      assertMatch(
        some.checks["packets nflog:63"]!.message,
        /^the first came after \d+\.\d s: \S+ output out=lo "hi" .*127\.0\.0\.1:\d+ > 127\.0\.0\.1:9 UDP/,
      );
    } finally {
      clearInterval(sending);
    }
    assertEquals([...Deno.readDirSync(folder.path)].length, 1, "nothing is written");
  },
);

Deno.test(
  "nfscribe doctor: a group held by nfscribe itself is well, and its counters are shown (needs nft)",
  needsNft,
  async () => {
    await using folder = await configured(64);
    await using _rules = await nft([["output", "udp dport 9 counter log group 64"]]);
    await using running = await startNfscribeWith(
      [`--allow-net=unix:${folder.path}/n.sock`],
      "-c",
      folder.file,
    );
    sendUdp(3);
    await until("the lines", async () => {
      const text = await Deno.readTextFile(`${folder.path}/fw.log`).catch(() => "");
      return text.split("\n").length === 4;
    });
    const sending = setInterval(() => sendUdp(), 50);
    let seen;
    try {
      seen = await diagnosed(folder.file, "--try", "20");
    } finally {
      clearInterval(sending);
    }
    assertEquals([seen.code, toFix(seen)], [0, []]);
    const { checks } = seen;
    assertMatch(
      checks["group nflog:64"]!.message,
      KNOWS_HOLDERS ? /^nfscribe run holds it \(process \d+\)$/ : /^the running nfscribe holds it$/,
    );
    if (KNOWS_HOLDERS) assertStringIncludes(checks["group nflog:64"]!.message, `${running.pid}`);
    assertMatch(checks["running nfscribe"]!.message, /^nflog:64 received \d+, lost 0$/);
    assertMatch(checks["packets nflog:64"]!.message, /^the running nfscribe received \d+ after/);
    running.kill("SIGTERM");
    assertEquals((await running.ended()).code, 0);
  },
);

Deno.test(
  "nfscribe doctor: an nfscribe with another configuration is to be fixed; if it cannot be checked, a note says so (needs nft and root)",
  { ignore: !HAS_NFT || !KNOWS_HOLDERS },
  async () => {
    await using folder = await configured(74);
    await using other = await configured(74);
    await using _rules = await nft([["output", "udp dport 9 counter log group 74"]]);
    await using running = await startNfscribeWith(
      [`--allow-net=unix:${other.path}/n.sock`],
      "-c",
      other.file,
    );
    const seen = await diagnosed(folder.file);
    assertEquals([seen.code, toFix(seen)], [1, ["group nflog:74"]]);
    const { message, commands } = seen.checks["group nflog:74"]!;
    assertStringIncludes(message, `another nfscribe run holds it (process ${running.pid}, in /`);
    assertEquals(commands, [`kill ${running.pid}`]);
    const own = await diagnosed(other.file);
    assertEquals([own.code, toFix(own)], [0, []]);
    const alone = deno("--allow-all", `${ROOT}main.ts`, "doctor", "--group", "74");
    assertEquals(
      (await must(alone)).trimEnd().split("\n").at(-1),
      `Nothing to fix, unless process ${running.pid} was forgotten.`,
    );
  },
);

Deno.test(
  "nfscribe doctor: in a new network namespace nothing can arrive until loopback is up (needs nft and unshare)",
  { ignore: !HAS_NFT || !canRun("unshare", "--net", "true") },
  async () => {
    await using folder = await configured(75);
    const inside = (script: string) =>
      diagnose(["unshare", "--net", "sh", "-ec", `${script}; exec "$@"`, "sh"].concat(
        doctor(["--allow-all"], "-c", folder.file),
      ));
    const rule = `nft 'add table inet t; add chain inet t c { type filter hook output priority 0; }
add rule inet t c counter log group 75'`;
    const down = await inside(rule);
    assertEquals([down.code, toFix(down)], [1, ["interfaces"]]);
    const { commands } = down.checks.interfaces!;
    const up = await inside(`${rule}; ${commands![0]}`);
    assertEquals([up.code, up.checks.interfaces!.message], [0, "lo is up"]);
  },
);

Deno.test(
  "nfscribe doctor: names the ulogd that holds a group (needs nft, ulogd and root)",
  { ignore: !HAS_NFT || !KNOWS_HOLDERS || !hasUlogd("PCAP") },
  async () => {
    await using folder = await configured(65);
    await using _rules = await nft([["output", "udp dport 9 counter log group 65"]]);
    await using _ulogd = await startUlogd(
      folder.path,
      65,
      { plugin: "PCAP", options: `file="${folder.path}/u.pcap"` },
      ["raw2packet_BASE:BASE"],
    );
    const { code, checks } = await diagnosed(folder.file, "--try", "0.1");
    assertEquals(code, 1);
    const { state, message, fix } = checks["group nflog:65"]!;
    assertEquals(state, "fix");
    assertMatch(message, /^held by ulogd \(process \d+\), which gets its packets/);
    assertStringIncludes(fix!, "stop that one");
    assertEquals(checks["packets nflog:65"]!.state, "skipped");
  },
);

Deno.test("nfscribe doctor: all missing rights are named at once, with their flags", async () => {
  await using folder = await configured(66);
  const { file, path } = folder;
  const { code, checks } = await diagnose(doctor([`--allow-read=${file}`], "-c", file));
  assertEquals(code, 1);
  const { state, commands } = checks["Deno's rights"]!;
  assertEquals(state, "fix");
  for (const flag of ["--allow-ffi ", `--allow-net=unix:${path}/n.sock`, `${path}/fw.log`]) {
    assertStringIncludes(commands![0]!, flag);
  }
  for (const check of ["kernel", "capability", "sources", "output logemu"]) {
    assertEquals(checks[check]!.state, "skipped", check);
  }
});

Deno.test(
  "nfscribe doctor: without --allow-run it prints the commands to run by hand (needs nft)",
  needsNft,
  async () => {
    await using folder = await configured(67);
    const flags = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-net"];
    const seen = await diagnose(doctor(flags, "-c", folder.file));
    assertEquals([seen.code, toFix(seen)], [1, ["rules nflog:67"]]);
    const { fix, commands } = seen.checks["rules nflog:67"]!;
    assertMatch(fix!, /^run again with --allow-run=nft/);
    assertEquals(commands![0], "nft list ruleset | grep 'group 67'");
  },
);

Deno.test(
  "nfscribe doctor: without CAP_NET_ADMIN the finding names it (needs setpriv)",
  { ignore: !canRun("setpriv", "--bounding-set=-net_admin", "true") },
  async () => {
    await using folder = await configured(68);
    const bounded = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
    const { code, checks } = await diagnose([
      ...bounded,
      ...doctor(["--allow-all"], "-c", folder.file),
    ]);
    assertEquals(code, 1);
    assertEquals(checks.capability!.state, "fix");
    assertStringIncludes(checks.capability!.message, "CAP_NET_ADMIN is missing");
    assertEquals(checks.kernel!.state, "ok");
  },
);

Deno.test(
  "nfscribe doctor: each unreachable part has its finding: a folder, a user, a namespace, a server, a filter",
  async () => {
    await using folder = await configured(69, {
      rest: 'user = "nobody-here"',
      source: '[[source]]\ntype = "nflog"\ngroup = 70\nnetns = "/run/netns/nowhere"\n' +
        '[filter]\nscript = "filter.ts"',
      output: '[output.pcap]\npath = "gone/x.pcap"\n[output.logemu]\npath = "."\n' +
        '[output.postgres]\nurl = "postgres://nobody@127.0.0.1:1/none?sslmode=disable"',
    });
    await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default 7;\n");
    const seen = await diagnosed(folder.file);
    const found = Object.fromEntries(
      ["output pcap", "output logemu", "output postgres", "user", "netns nowhere", "filter"].map(
        (check) => [check, `${seen.checks[check]?.state} ${seen.checks[check]?.message}`],
      ),
    );
    assertEquals(seen.code, 1);
    assertEquals(found["output pcap"], `fix its folder ${folder.path}/gone/ is not there`);
    assertMatch(found["output logemu"]!, /^fix .* is a folder$/);
    assertMatch(found["output postgres"]!, /^fix Cannot connect to .*127\.0\.0\.1:1/);
    assertMatch(found.user!, /^fix there is no user "nobody-here"/);
    assertMatch(found["netns nowhere"]!, /^fix Cannot open network namespace/);
    assertMatch(found.filter!, /^fix .*filter\.ts: /);
    assertEquals(seen.checks["group nflog:70@nowhere"], undefined);
  },
);

Deno.test(
  "nfscribe doctor: a file that the configured user must not write is found, with the command that changes its owner (needs root)",
  { ignore: !KNOWS_HOLDERS },
  async () => {
    await using folder = await configured(71, { rest: 'user = "nobody"' });
    await Deno.chmod(folder.path, 0o755);
    await Deno.writeTextFile(`${folder.path}/fw.log`, "");
    const { checks } = await diagnosed(folder.file);
    assertEquals(checks.user!.state, "ok");
    assertEquals(checks["output logemu"], {
      check: "output logemu",
      state: "fix",
      message: `user nobody may not write ${folder.path}/fw.log`,
      fix: "let it belong to that user",
      commands: [`chown nobody:65534 ${folder.path}/fw.log`],
    });
  },
);

Deno.test(
  "nfscribe doctor: rules of iptables are found, those of iptables-nft once (needs both, and root)",
  { ignore: !HAS_NFT || !HAS_IPTABLES || !KNOWS_HOLDERS || !canRun("iptables-nft", "-S") },
  async () => {
    await using folder = await configured(72);
    await using _legacy = await iptables(["OUTPUT -p udp --dport 9 -j NFLOG --nflog-group 72"]);
    sendUdp(2);
    const { checks } = await diagnosed(folder.file);
    assertEquals(checks["rules nflog:72"]!.message, "1 rule: iptables filter OUTPUT, 2 packets");
    await using _nft = await nft([]);
    await must(
      "iptables-nft -t mangle -A OUTPUT -p udp --dport 9 -j NFLOG --nflog-group 72".split(" "),
    );
    const both = await diagnosed(folder.file);
    assertEquals(
      both.checks["rules nflog:72"]!.message,
      "2 rules: ip mangle OUTPUT, 0 packets; iptables filter OUTPUT, 2 packets",
    );
  },
);

Deno.test("nfscribe doctor: an invalid configuration is status 2, and each problem is named", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(file, '[[source]]\ntype = "nflog"\ngroup = 70000\n[output.pcap]\n');
  const { code, stdout, stderr } = await run(doctor(["--allow-read"], "-c", file));
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "source[0].group: must be");
  assertStringIncludes(stderr, "output.pcap.path");
});

Deno.test("nfscribe doctor: where it may not check a filter's types, it names the command that does", async () => {
  await using folder = await configured(74, { source: '[filter]\nscript = "filter.ts"' });
  await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
  const rights = ["read", "write", "env", "ffi", "net", "sys"].map((right) => `--allow-${right}`);
  const { filter } = (await diagnose(doctor(rights, "-c", folder.file))).checks;
  assertEquals(filter!.state, "note");
  assertMatch(filter!.commands!.join(), / check -c \S+nfscribe\.toml$/);
});

Deno.test("nfscribe doctor --flags are enough for it, and for nfscribe run", async () => {
  await using folder = await configured(73);
  const look = ["--allow-read", "--allow-env", "--allow-run=deno"];
  const printed = await must(
    deno(...look, `${ROOT}main.ts`, "doctor", "--flags", "-c", folder.file),
  );
  const flags = printed.trim().split("\n");
  assert(flags.every((flag) => flag.startsWith("--allow-")), printed);
  const { checks } = await diagnose(doctor(flags, "-c", folder.file));
  assertEquals(checks["Deno's rights"]!.state, "ok");
  assertEquals(Object.values(checks).filter(({ state }) => state === "skipped"), []);
});

Deno.test(
  "rules without a group log to the kernel's log, whatever nf_log is set to (needs nft)",
  needsNft,
  async () => {
    const setting = "/proc/sys/net/netfilter/nf_log/2";
    const before = await must(["cat", setting]);
    await must(["sh", "-c", `echo nfnetlink_log >${setting}`]);
    try {
      await using _rules = await nft([
        ["output", 'udp dport 9 log prefix "no group"'],
        ["output", 'udp dport 9 log prefix "group 0" group 0'],
      ]);
      await using packets = await captureSoon({ group: 0 });
      sendUdp(2);
      const prefixes = (await take(packets, 2)).map(({ prefix }) => prefix);
      assertEquals(prefixes, ["group 0", "group 0"]);
    } finally {
      await must(["sh", "-c", `echo ${before.trim()} >${setting}`]);
    }
  },
);

Deno.test(
  "nfscribe doctor: a rule in a chain without a hook feeds nothing, until one that has jumps there (needs nft)",
  needsNft,
  async () => {
    await using folder = await configured(78);
    await must(["nft", "-f", "-"], "table inet unhooked {\n chain side {\n  log group 78\n }\n}\n");
    try {
      const before = await diagnosed(folder.file);
      assertEquals([before.code, toFix(before)], [1, ["rules nflog:78"]]);
      assertEquals(
        before.checks["rules nflog:78"]!.message,
        "no packet reaches 1 rule in chain inet unhooked side, which has no hook, " +
          "and no rule that is reached jumps there",
      );
      await must(
        ["nft", "-f", "-"],
        "table inet unhooked {\n chain main {\n  type filter hook input priority 0;\n" +
          "  tcp dport vmap { 22 : jump side }\n }\n}\n",
      );
      const after = await diagnosed(folder.file);
      assertEquals([after.code, toFix(after)], [0, []]);
    } finally {
      await must(["nft", "delete", "table", "inet", "unhooked"]);
    }
  },
);

Deno.test(
  "nfscribe doctor: a port for metrics that another process has is reported in the words of run (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["input", "udp dport 9 counter log group 79"]]);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    await using folder = await configured(79);
    const text = await Deno.readTextFile(folder.file);
    await Deno.writeTextFile(
      folder.file,
      text.replace("[stats]\n", `[stats]\nmetrics = "127.0.0.1:${port}"\n`),
    );
    const taken = await diagnosed(folder.file);
    assertEquals([taken.code, toFix(taken)], [1, ["metrics"]]);
    const { message, fix } = taken.checks.metrics!;
    assertEquals(
      [message, fix],
      [`Cannot listen on 127.0.0.1:${port}: another process listens there`, "choose another port"],
    );
    const started = await run(deno("--allow-all", `${ROOT}main.ts`, "run", "-c", folder.file));
    assertEquals(started.code, 1);
    assertStringIncludes(started.stderr, `${message}; ${fix}`);
    listener.close();
    const free = await diagnosed(folder.file);
    assertEquals([free.code, toFix(free)], [0, []]);
  },
);
