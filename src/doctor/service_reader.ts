/** Looks at the service that runs nfscribe: its unit, state, program, and files. Nothing is changed. */

import { folderOf } from "../text/path.ts";
import { type Finding, fix } from "../finding.ts";
import { ConfigError } from "../errors.ts";
import { changedBy } from "../files/changed_by.ts";
import { unlessAbsent } from "../files/place.ts";
import { isGranted, type Need } from "../permission.ts";
import { libcNeed } from "../source/libc_need.ts";
import { findCredentials } from "../privileges/user.ts";
import { factsIn, type InstalledUnit, serviceIn, UNIT } from "../systemd/unit.ts";
import {
  bootFinding,
  configurationFinding,
  foldersFinding,
  programFinding,
  PROPERTIES,
  requiredFindings,
  type ServicePath,
  stateFinding,
  unitFinding,
  type UnitState,
} from "./service.ts";

/** Folder that is there where systemd runs (sd_booted(3)). */
const BOOTED = "/run/systemd/system";
/** Program that tells the state of units. */
const SYSTEMCTL: Need = { name: "run", value: "systemctl", why: "the state of the service" };

/** Returns the permissions to look at a service. */
export function serviceNeeds({ texts }: InstalledUnit): Need[] {
  const { program, config, required } = factsIn(texts);
  const folders = config === undefined ? [] : serviceIn(texts, config)?.ownFolders ?? [];
  const own = config === undefined ? [] : [config, folderOf(config)];
  const paths = [program ?? [], own, required, folders, BOOTED].flat();
  return [
    SYSTEMCTL,
    libcNeed("the service's user"),
    { name: "env", value: "PATH", why: "which programs there are" },
    ...paths.map((value): Need => ({ name: "read", value, why: "whose the service's files are" })),
  ];
}

/**
 * Examines a service.
 *
 * @param unit Its unit.
 * @param file The configuration that it runs.
 */
export function* examineService(unit: InstalledUnit, file: string): Generator<Finding> {
  const { program, required } = factsIn(unit.texts);
  const service = serviceIn(unit.texts, file)!;
  const state = readState();
  yield unitFinding(unit.paths, service.user ?? "a user of its own", state);
  yield stateFinding(state);
  yield bootFinding(state);
  if (program !== undefined) yield programFinding(look(program));
  if (service.user === undefined) return;
  let credentials;
  try {
    const { user, group } = service;
    credentials = findCredentials({ user, ...group !== undefined && { group } }, UNIT);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield fix("user", error.problems[0]!.message, "the unit names it");
    return;
  }
  if (credentials === undefined) return;
  const [, group = ""] = credentials.owner.split(":");
  const user = { name: service.user, group, uid: credentials.uid };
  yield configurationFinding(look(file), look(folderOf(file)), user);
  yield foldersFinding(service.ownFolders.map(look), user);
  yield* requiredFindings(required.map(look), user);
}

function look(path: string): ServicePath {
  const info = unlessAbsent(() => Deno.statSync(path));
  return {
    path,
    mode: info?.mode ?? undefined,
    uid: info?.uid ?? undefined,
    changedBy: info && changedBy(info),
  };
}

function readState(): UnitState {
  if (unlessAbsent(() => Deno.statSync(BOOTED)) === undefined || !isGranted(SYSTEMCTL)) {
    return undefined;
  }
  const args = ["show", UNIT, `--property=${PROPERTIES.join(",")}`];
  const { stdout } = new Deno.Command("systemctl", { args, stdin: "null", stderr: "null" })
    .outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return new Map(lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)] as const;
  }));
}
