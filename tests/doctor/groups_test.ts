import { assertEquals } from "@std/assert";
import { loggerFinding, ruleFinding } from "../../src/doctor/groups.ts";
import { holderFinding, runOf } from "../../src/source/nflog/holder.ts";

const FED = { name: "nflog:1", target: "NFLOG", group: 1 } as const;

Deno.test("runOf() knows nfscribe run as a program of Deno's, as a bundle and as one binary", () => {
  const words = (line: string) => line.split(" ");
  const yes = [
    "/usr/bin/deno run --allow-ffi /opt/nfscribe/main.ts run -c /etc/nfscribe.toml",
    "deno run main.ts run --group 1",
    "/usr/bin/nfscribe run -c x.toml",
    "deno run --no-prompt /opt/nfscribe.js run -c x.toml",
  ];
  const no = [
    "deno run main.ts",
    "/usr/bin/deno run /opt/other/tool.ts run",
    "ulogd -c /etc/ulogd.conf",
    "nfscribe watch --group 1",
    "/usr/bin/deno run main.ts watch --group 1",
    "sleep run",
  ];
  assertEquals(yes.map((line) => runOf(words(line))?.join(" ")), [
    "-c /etc/nfscribe.toml",
    "--group 1",
    "-c x.toml",
    "-c x.toml",
  ]);
  assertEquals(no.map((line) => runOf(words(line))), no.map(() => undefined));
});

Deno.test("holderFinding() names the holder as far as it is known", () => {
  const said = (holder: Partial<Parameters<typeof holderFinding>[1]>) => {
    const { state, message } = holderFinding(FED.name, { isHeld: true, isRead: false, ...holder });
    return `${state} ${message.split(",")[0]}`;
  };
  assertEquals(said({ isHeld: false }), "ok no process holds it");
  assertEquals(
    said({ portId: 7, process: { pid: 7, name: "ulogd", words: ["ulogd"], cwd: "/" } }),
    "fix held by ulogd (process 7)",
  );
  assertEquals(
    said({ portId: 4294967295 }),
    "fix held by a process that is not to be seen from here (port id 4294967295)",
  );
  assertEquals(said({}), "fix held by another process; root may see which");
  assertEquals(said({ isRead: true }), "ok the running nfscribe holds it");
  assertEquals(
    said({ portId: 1, process: { pid: 1, name: "systemd", words: ["/sbin/init"], cwd: "/" } }),
    "note systemd keeps it for nfscribe.service",
  );
});

Deno.test("holderFinding() is well only with the nfscribe that has the same configuration", () => {
  const process = {
    pid: 7,
    name: "deno",
    words: ["deno", "run", "main.ts", "run", "--postgres", "postgres://me:secret@host/db"],
    cwd: "/srv/old",
  };
  const holder = { isHeld: true, isRead: false, process };
  const own = holderFinding(FED.name, { ...holder, isOwn: true });
  assertEquals([own.state, own.message], ["ok", "nfscribe run holds it (process 7)"]);
  assertEquals(holderFinding(FED.name, { ...holder, isRead: true }), own);
  const other = holderFinding(FED.name, { ...holder, isOwn: false });
  assertEquals([other.state, other.commands], ["fix", ["kill 7"]]);
  assertEquals(
    other.message.split(",", 2).join(),
    "another nfscribe run holds it (process 7, in /srv/old)",
  );
  const unknown = holderFinding(FED.name, holder);
  assertEquals([unknown.state, unknown.doubt], ["note", "process 7 was forgotten"]);
  for (const finding of [own, other, unknown]) {
    assertEquals(JSON.stringify(finding).includes("secret"), false);
  }
});

Deno.test("holderFinding() tells of an nfscribe that answers, but reads in another namespace", () => {
  assertEquals(holderFinding(FED.name, { isHeld: false, isRead: true }).state, "fix");
  assertEquals(holderFinding(FED.name, { isHeld: undefined, isRead: true }).state, "ok");
});

Deno.test("ruleFinding() is well with a rule that counts packets, or none", () => {
  const rule = { target: "NFLOG", group: 1, place: "inet a b" } as const;
  const state = (rules: readonly { packets?: number }[]) =>
    ruleFinding(
      FED,
      { rules: rules.map((more) => ({ ...rule, ...more })), unread: [], refused: [] },
      "nfscribe rules",
    ).state;
  assertEquals(state([{ packets: 1 }]), "ok");
  assertEquals(state([{}]), "ok");
  assertEquals(state([{ packets: 0 }, { packets: 2 }]), "ok");
  assertEquals(state([{ packets: 0 }]), "note");
  assertEquals(state([]), "fix");
});

Deno.test("ruleFinding() names each place once, with what its rules have counted together", () => {
  const said = (rules: readonly { place: string; packets?: number }[]) =>
    ruleFinding(
      FED,
      { rules: rules.map((rule) => ({ ...rule, ...FED })), unread: [], refused: [] },
      "nfscribe rules",
    ).message;
  const [a, b] = [{ place: "inet t a", packets: 2 }, { place: "inet t b", packets: 1 }];
  assertEquals(said([a]), "1 rule: inet t a, 2 packets");
  assertEquals(said([a, a, a]), "3 rules: inet t a, 6 packets");
  assertEquals(said([a, b, a]), "3 rules: inet t a (2 rules), 4 packets; inet t b, 1 packet");
  const silent = { place: "inet t a" };
  assertEquals(said([silent, silent]), "2 rules: inet t a, without a counter");
  assertEquals(said([a, silent]), "2 rules: inet t a, 2 packets, 1 without a counter");
});

Deno.test("loggerFinding() notices what tcpdump leaves behind", () => {
  const usual = " 2 nf_log_ipv4 (nf_log_ipv4,nfnetlink_log)\n10 nf_log_ipv6 (nf_log_ipv6)\n";
  assertEquals(loggerFinding(usual).state, "ok");
  const changed = loggerFinding(usual.replace(" nf_log_ipv4 (", " nfnetlink_log ("));
  assertEquals(changed.state, "note");
  assertEquals(changed.message.endsWith("goes to group 0"), true);
});
