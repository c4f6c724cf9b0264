import { assertEquals } from "@std/assert";
import { factsIn, serviceIn } from "../../src/systemd/unit.ts";
import { unitWord, variablesIn, variablesOfFile, words } from "../../src/systemd/unit_text.ts";

const FILE = "/etc/nfscribe/nfscribe.toml";
const UNIT = `[Unit]
User=other
[Service]
# User=comment
ExecStart=/usr/bin/nfscribe run \\
  -c ${FILE}
User=nfscribe
Group = nfscribe
StateDirectory=nfscribe nfscribe/spool
LogsDirectory=nfscribe
ProtectSystem=strict
PrivateTmp=yes
ProtectHome=yes
ReadWritePaths=-/srv/fw /srv/../data
[Install]
User=other
`;

Deno.test("serviceIn() returns the user of a unit, and the folders that it may write", () => {
  assertEquals(serviceIn([UNIT], FILE), {
    unit: "nfscribe.service",
    user: "nfscribe",
    group: "nfscribe",
    ownFolders: ["/var/lib/nfscribe/", "/var/lib/nfscribe/spool/", "/var/log/nfscribe/"],
    writable: [
      "/var/lib/nfscribe/",
      "/var/lib/nfscribe/spool/",
      "/var/log/nfscribe/",
      "/srv/fw/",
      "/data/",
      "/tmp/",
      "/var/tmp/",
    ],
    hidden: ["/home/", "/root/", "/run/user/"],
  });
});

Deno.test("serviceIn() finds no service that runs another configuration", () => {
  assertEquals(serviceIn([UNIT], "/etc/nfscribe/other.toml"), undefined);
  assertEquals(serviceIn([""], FILE), undefined);
  const again =
    `[Service]\nExecStart=\nExecStart=nfscribe run --config="/etc/nfscribe/other.toml"\n`;
  assertEquals(serviceIn([UNIT, again], FILE), undefined);
  assertEquals(serviceIn([UNIT, again], "/etc/nfscribe/other.toml")?.user, "nfscribe");
});

Deno.test("serviceIn() applies drop-ins", () => {
  const dropIn = `[Service]\nUser=fw\nGroup=\nLogsDirectory=\nProtectHome=no\nProtectSystem=full\n`;
  assertEquals(serviceIn([UNIT, dropIn], FILE), {
    unit: "nfscribe.service",
    user: "fw",
    ownFolders: ["/var/lib/nfscribe/", "/var/lib/nfscribe/spool/"],
    hidden: [],
  });
  assertEquals(serviceIn([UNIT, "[Service]\nDynamicUser=1\n"], FILE)?.user, undefined);
  assertEquals(serviceIn([UNIT, "[Service]\nUser=\n"], FILE)?.user, "root");
});

Deno.test("serviceIn() reads the unit that is installed", async () => {
  const { default: text } = await import("../../packaging/nfscribe.service", {
    with: { type: "text" },
  });
  const service = serviceIn([text], FILE);
  assertEquals([service?.user, service?.group], ["nfscribe", "nfscribe"]);
  assertEquals(service?.writable?.slice(0, 2), ["/var/lib/nfscribe/", "/var/log/nfscribe/"]);
});

Deno.test("factsIn() returns the program of a unit, and folders that must be there", () => {
  assertEquals(factsIn([UNIT, "[Service]\nEnvironmentFile=-/etc/default/nfscribe\n"]), {
    program: "/usr/bin/nfscribe",
    config: FILE,
    variableFiles: ["/etc/default/nfscribe"],
    required: ["/srv/../data"],
  });
  const ofRoot = factsIn(["[Service]\nExecStart=+/opt/nfscribe run\n"]);
  assertEquals([ofRoot.program, ofRoot.config], ["/opt/nfscribe", undefined]);
});

Deno.test("variablesIn() takes quotes as systemd does", () => {
  assertEquals(
    Object.fromEntries(
      variablesIn(["HOME=/var/lib/a \"B=two words\" C='x y'", 'D="\\"q\\""', "wrong"]),
    ),
    { HOME: "/var/lib/a", B: "two words", C: "x y", D: '"q"' },
  );
  assertEquals(
    Object.fromEntries(variablesOfFile("# A=1\n; B=1\nC = 1\nD='a b' \nE=a b\n")),
    { D: "a b", E: "a b" },
  );
});

Deno.test("words() reads what unitWord() writes", () => {
  const paths = ["/srv/fw", "/srv/two words", '/srv/a"b\\c', "/srv/100%", "/srv/it's"];
  assertEquals(words([paths.map(unitWord).join(" ")]), paths);
  assertEquals(paths.slice(0, 2).map(unitWord), ["/srv/fw", '"/srv/two words"']);
});
