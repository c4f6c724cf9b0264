/** Findings about the service that runs nfscribe. Pure. */

import { type Finding, fix, note, ok, skipped } from "../finding.ts";
import { quoted, quotedPath } from "../text/shell_quoted.ts";
import { isShared, mustStay } from "../text/system_folders.ts";

/** Properties of a unit, as `systemctl show` prints them; undefined where systemd does not run. */
export type UnitState = ReadonlyMap<string, string> | undefined;

/** Properties that are looked at. */
export const PROPERTIES: readonly string[] = [
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "ExecMainStatus",
  "MainPID",
  "NRestarts",
  "UnitFileState",
  "NeedDaemonReload",
  "ActiveEnterTimestamp",
];

/** Exit status of a wrong configuration (src/cli/status.ts), and of namespaces that systemd cannot make. */
const [MISUSE, NAMESPACE] = ["2", "226"];
const JOURNAL = "journalctl -u nfscribe -n 20";

/** A path of the service. */
export interface ServicePath {
  path: string;
  /** Permission bits; undefined where nothing is there. */
  mode: number | undefined;
  /** User that owns it. */
  uid: number | undefined;
  /** The reason why others than root may change it; undefined if they may not. */
  changedBy: string | undefined;
}

/** User of the service. */
export interface ServiceUser {
  name: string;
  group: string;
  uid: number;
}

/**
 * Reports which files make the unit, and whether systemd knows them as they are.
 *
 * @param paths The unit, and its drop-ins.
 */
export function unitFinding(paths: readonly string[], user: string, state: UnitState): Finding {
  const [unit, ...dropIns] = paths;
  const more = dropIns.length === 0 ? "" : `, changed by ${dropIns.join(", ")}`;
  const isStale = state?.get("NeedDaemonReload") === "yes" ||
    state?.get("LoadState") === "not-found";
  const message = `${unit}${more}; it runs as ${user}`;
  return isStale
    ? fix("unit", `systemd has not read all of ${[unit, ...dropIns].join(", ")}`, "have it read", [
      "systemctl daemon-reload",
    ])
    : ok("unit", message);
}

/** Reports whether the service runs. */
export function stateFinding(state: UnitState): Finding {
  const check = "service";
  if (state === undefined) return skipped(check, "systemd does not run here");
  const value = (name: string) => state.get(name) ?? "";
  const restarts = Number(value("NRestarts"));
  const again = restarts > 0 ? `, started again ${restarts} times` : "";
  switch (value("ActiveState")) {
    case "active":
    case "reloading":
      return ok(check, `runs since ${value("ActiveEnterTimestamp")}${again}`);
    case "failed":
      return fix(check, `has failed: ${reasonIn(state)}`, "its messages tell more", [JOURNAL]);
    case "inactive":
      return note(check, "does not run", "start it", ["systemctl start nfscribe"]);
    default:
      return restarts === 0 ? note(check, "is about to start or to end; look again") : fix(
        check,
        `fails, and is started again (${restarts} times so far)${
          value("Result") === "success" ? "" : `: ${reasonIn(state)}`
        }`,
        "its messages tell more",
        [JOURNAL],
      );
  }
}

function reasonIn(state: ReadonlyMap<string, string>): string {
  const status = state.get("ExecMainStatus");
  if (status === MISUSE) return "the configuration cannot be used (exit status 2)";
  if (status === NAMESPACE) return "a folder that it may write to is not there (exit status 226)";
  return `${state.get("Result")}, exit status ${status}`;
}

/** Reports whether it starts with the machine. */
export function bootFinding(state: UnitState): Finding {
  const check = "boot";
  if (state === undefined) return skipped(check, "systemd does not run here");
  return /^enabled/.test(state.get("UnitFileState") ?? "")
    ? ok(check, "the machine starts it")
    : note(
      check,
      "the machine does not start it",
      "have it started",
      ["systemctl enable nfscribe"],
    );
}

/** Reports whether the program that it starts is there, and only root's to change. */
export function programFinding({ path, mode, changedBy }: ServicePath): Finding {
  const check = "program";
  if (mode === undefined || (mode & 0o111) === 0) {
    return fix(
      check,
      mode === undefined ? `${path} is not there` : `${path} is no program`,
      "install nfscribe anew, or correct ExecStart=",
      ["systemctl edit --full nfscribe"],
    );
  }
  if (changedBy === undefined) return ok(check, `${path}, which only root may change`);
  return fix(check, `${path} runs with rights of its own, and ${changedBy}`, "let it be root's", [
    `chown root:root ${quotedPath(path)} && chmod go-w ${quotedPath(path)}`,
  ]);
}

/** Reports who may change the configuration, and who may read it. */
export function configurationFinding(
  { path, mode, changedBy }: ServicePath,
  folder: ServicePath,
  { group }: ServiceUser,
): Finding {
  const check = "configuration";
  const commands = (place: string, mode: string) => [
    `chown root:${quoted(group)} ${quotedPath(place)} && chmod ${mode} ${quotedPath(place)}`,
  ];
  if (mode === undefined) return fix(check, `${path} is not there`, "write one", ["nfscribe init"]);
  const loose = [[path, changedBy, "640"], [folder.path, folder.changedBy, "750"]] as const;
  for (const [place, who, right] of loose) {
    if (who === undefined) continue;
    if (place === folder.path && isShared(place)) {
      return fix(
        check,
        `${place} has the configuration, and ${who}`,
        "keep it in a folder of its own, as /etc/nfscribe",
      );
    }
    return fix(
      check,
      `${place} tells the service which files to write and which filter to run, and ${who}`,
      "let it be root's",
      commands(place, right),
    );
  }
  if ((mode & 0o004) === 0 || ((folder.mode ?? 0) & 0o001) === 0) {
    return ok(check, `${path}, which root may change, and group ${group} read`);
  }
  return note(check, `everybody may read ${path}`, "close it", commands(path, "640"));
}

/** Reports whether the folders of the service are its user's, and closed to others. */
export function foldersFinding(folders: readonly ServicePath[], user: ServiceUser): Finding {
  const check = "folders";
  const there = folders.filter(({ mode }) => mode !== undefined);
  const foreign = there.find(({ uid }) => uid !== user.uid);
  if (foreign !== undefined) {
    return note(
      check,
      `${foreign.path} is not ${user.name}'s; the next start gives it to ${user.name}`,
    );
  }
  const open = there.find(({ mode }) => (mode! & 0o007) !== 0);
  if (open !== undefined) {
    return note(check, `everybody may look into ${open.path}`, "close it", [
      `chmod o= ${quotedPath(open.path)}`,
    ]);
  }
  const absent = folders.length > there.length
    ? "; those that are not there are made by the start"
    : "";
  return ok(check, `${there.map(({ path }) => path).join(", ")}: ${user.name}'s${absent}`);
}

/** Reports folders without which systemd does not start the service. */
export function* requiredFindings(
  paths: readonly ServicePath[],
  { name, group }: ServiceUser,
): Generator<Finding> {
  for (const { path } of paths.filter(({ mode }) => mode === undefined)) {
    const absent =
      `${path}, which ReadWritePaths= names, is not there: the service does not start without it`;
    if (mustStay(path)) {
      yield fix("folders", absent, "take it out: that folder is not for a service");
      continue;
    }
    yield fix(
      "folders",
      absent,
      "make it",
      [`install -d -o ${quoted(name)} -g ${quoted(group)} -m 0750 ${quotedPath(path)}`],
    );
  }
}
