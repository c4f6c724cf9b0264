import { assertEquals } from "@std/assert";
import {
  bootFinding,
  configurationFinding,
  foldersFinding,
  programFinding,
  requiredFindings,
  type ServicePath,
  stateFinding,
  unitFinding,
} from "../../src/doctor/service.ts";

const USER = { name: "nfscribe", group: "nfscribe", uid: 995 };
const UNIT = "/etc/systemd/system/nfscribe.service";
const state = (values: Record<string, string>) => new Map(Object.entries(values));

function at(path: string, mode?: number, more: Partial<ServicePath> = {}): ServicePath {
  return { path, mode, uid: mode === undefined ? undefined : 0, changedBy: undefined, ...more };
}

Deno.test("unitFinding() tells which files systemd has not read", () => {
  const paths = [UNIT, `${UNIT}.d/a.conf`];
  assertEquals(
    unitFinding(paths, "nfscribe", undefined).message,
    `${UNIT}, changed by ${UNIT}.d/a.conf; it runs as nfscribe`,
  );
  for (const stale of [{ NeedDaemonReload: "yes" }, { LoadState: "not-found" }]) {
    const { state: found, commands } = unitFinding(paths, "nfscribe", state(stale));
    assertEquals([found, commands], ["fix", ["systemctl daemon-reload"]]);
  }
});

Deno.test("stateFinding() tells why a service does not run", () => {
  const found = (values: Record<string, string>) => {
    const { state: word, message } = stateFinding(state(values));
    return `${word}: ${message}`;
  };
  assertEquals(stateFinding(undefined).state, "skipped");
  assertEquals(
    found({ ActiveState: "active", ActiveEnterTimestamp: "Sun 08:24", NRestarts: "2" }),
    "ok: runs since Sun 08:24, started again 2 times",
  );
  assertEquals(found({ ActiveState: "inactive" }), "note: does not run");
  assertEquals(
    found({ ActiveState: "failed", Result: "exit-code", ExecMainStatus: "2" }),
    "fix: has failed: the configuration cannot be used (exit status 2)",
  );
  const again = { ActiveState: "activating", Result: "exit-code", ExecMainStatus: "226" };
  assertEquals(
    found({ ...again, NRestarts: "3" }),
    "fix: fails, and is started again (3 times so far): a folder that it may write to is not there " +
      "(exit status 226)",
  );
  assertEquals(
    found({ ...again, NRestarts: "0" }),
    "note: is about to start or to end; look again",
  );
  assertEquals(bootFinding(state({ UnitFileState: "disabled" })).commands, [
    "systemctl enable nfscribe",
  ]);
  assertEquals(bootFinding(state({ UnitFileState: "enabled" })).state, "ok");
});

Deno.test("programFinding() requires a program that only root may change", () => {
  assertEquals(programFinding(at("/opt/n", 0o755)).state, "ok");
  assertEquals(programFinding(at("/opt/n")).message, "/opt/n is not there");
  assertEquals(programFinding(at("/opt/n", 0o644)).message, "/opt/n is no program");
  assertEquals(
    programFinding(at("/opt/n", 0o755, { changedBy: "user 1000 owns it" })).commands,
    ["chown root:root /opt/n && chmod go-w /opt/n"],
  );
});

Deno.test("configurationFinding() names a file or folder that others may change or read", () => {
  const [file, folder] = ["/etc/n/n.toml", "/etc/n/"];
  const judged = (one: ServicePath, other: ServicePath) => {
    const { state: word, commands } = configurationFinding(one, other, USER);
    return [word, ...commands ?? []];
  };
  assertEquals(judged(at(file, 0o640), at(folder, 0o755)), ["ok"]);
  assertEquals(judged(at(file, 0o644), at(folder, 0o750)), ["ok"]);
  assertEquals(judged(at(file, 0o644), at(folder, 0o755)), [
    "note",
    "chown root:nfscribe /etc/n/n.toml && chmod 640 /etc/n/n.toml",
  ]);
  const changedBy = "user 995 owns it";
  assertEquals(judged(at(file, 0o640, { changedBy }), at(folder, 0o750)), [
    "fix",
    "chown root:nfscribe /etc/n/n.toml && chmod 640 /etc/n/n.toml",
  ]);
  assertEquals(judged(at(file, 0o640), at(folder, 0o770, { changedBy })), [
    "fix",
    "chown root:nfscribe /etc/n/ && chmod 750 /etc/n/",
  ]);
  // All that others have in it would be closed to them.
  assertEquals(judged(at("/tmp/n.toml", 0o640), at("/tmp/", 0o1777, { changedBy })), ["fix"]);
});

Deno.test("foldersFinding() tells whose the folders are, and whether others look into them", () => {
  const own = (path: string, mode: number) => at(path, mode, { uid: 995 });
  const found = (folders: ServicePath[]) => {
    const { state: word, message } = foldersFinding(folders, USER);
    return `${word}: ${message}`;
  };
  assertEquals(
    found([own("/var/lib/n/", 0o750), at("/run/n/")]),
    "ok: /var/lib/n/: nfscribe's; those that are not there are made by the start",
  );
  assertEquals(
    found([at("/var/lib/n/", 0o750)]),
    "note: /var/lib/n/ is not nfscribe's; the next start gives it to nfscribe",
  );
  assertEquals(found([own("/var/log/n/", 0o755)]), "note: everybody may look into /var/log/n/");
  assertEquals(
    [...requiredFindings([at("/srv/fw"), at("/srv", 0o755)], USER)].map((finding) =>
      finding.commands
    ),
    [["install -d -o nfscribe -g nfscribe -m 0750 /srv/fw"]],
  );
  assertEquals([...requiredFindings([at("/etc/cron.e")], USER)][0]!.commands, undefined);
});
