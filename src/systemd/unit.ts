/** Reads the unit that runs nfscribe as a service (systemd.unit(5)). */

import { normalPath } from "../text/path.ts";
import type { Need } from "../permission.ts";
import {
  configNamedBy,
  isYes,
  settingsOf,
  variablesIn,
  variablesOfFile,
  words,
} from "./unit_text.ts";

/** Name of the unit; scripts/install and the Debian package install it. */
export const UNIT = "nfscribe.service";
/** Folders of units; earlier ones take precedence. */
const FOLDERS: readonly string[] = [
  "/etc/systemd/system/",
  "/run/systemd/system/",
  "/usr/local/lib/systemd/system/",
  "/usr/lib/systemd/system/",
  "/lib/systemd/system/",
];
/** Settings whose folders systemd creates for the unit's user, and their parents. */
const OWN_FOLDERS: Readonly<Record<string, string>> = {
  StateDirectory: "/var/lib/",
  LogsDirectory: "/var/log/",
  RuntimeDirectory: "/run/",
  CacheDirectory: "/var/cache/",
};
/** Folders that `ProtectHome=yes` hides. */
const HOMES: readonly string[] = ["/home/", "/root/", "/run/user/"];

/** Unit as it is installed. */
export interface InstalledUnit {
  /** Paths of the unit and of its drop-ins, in order. */
  paths: readonly string[];
  /** Their texts. */
  texts: readonly string[];
}

/** Facts about an installed unit, beside those of {@linkcode UnitService}. */
export interface UnitFacts {
  /** Program that it starts. */
  program: string | undefined;
  /** Configuration file that it starts it with. */
  config: string | undefined;
  /** Files with variables for it (`EnvironmentFile=`). */
  variableFiles: readonly string[];
  /** Paths without which it does not start (`ReadWritePaths=`). */
  required: readonly string[];
}

/** Service that runs nfscribe with a configuration. */
export interface UnitService {
  /** Name of the unit. */
  unit: string;
  /** User that it runs as; absent for a dynamic user. */
  user?: string;
  /** Group, if it is named. */
  group?: string;
  /** Folders that systemd creates for that user at each start, each with `/` at its end. */
  ownFolders: readonly string[];
  /** Folders that it may write to; absent for all. */
  writable?: readonly string[];
  /** Folders that are hidden from it. */
  hidden: readonly string[];
}

/** Returns the rights to read the unit, and files that it names. */
export function unitNeeds(): Need[] {
  const why = `the user of ${UNIT}`;
  const unit = installedUnit();
  const named = unit === undefined ? [] : factsIn(unit.texts).variableFiles;
  return [
    ...FOLDERS.flatMap((folder) => [UNIT, `${UNIT}.d/`].map((name) => folder + name)),
    ...named,
  ].map((value): Need => ({ name: "read", value, why }));
}

/**
 * Finds the service that runs nfscribe with a configuration.
 *
 * @param file Absolute path of the configuration file.
 * @returns Service; undefined if there is none, or it must not be read.
 */
export function serviceOf(file: string): UnitService | undefined {
  const unit = installedUnit();
  return unit === undefined ? undefined : serviceIn(unit.texts, file);
}

/**
 * Parses a unit's files. Pure.
 *
 * @param texts Unit and its drop-ins, in order.
 * @param file Absolute path of the configuration file.
 */
export function serviceIn(texts: readonly string[], file: string): UnitService | undefined {
  const settings = settingsOf(texts);
  const last = (key: string) => settings.get(key)?.at(-1);
  const starts = (settings.get("ExecStart") ?? []).some((line) => configNamedBy(line) === file);
  if (!starts) return undefined;
  const ownFolders = Object.entries(OWN_FOLDERS).flatMap(([key, folder]) =>
    words(settings.get(key)).map((name) => `${folder}${name.split(":")[0]}/`)
  );
  const group = last("Group");
  const further = words(settings.get("ReadWritePaths")).map((path) =>
    normalPath(`${path.replace(/^[-+]+/, "")}/`)
  );
  const own = isYes(last("PrivateTmp")) ? ["/tmp/", "/var/tmp/"] : [];
  return {
    unit: UNIT,
    ...isYes(last("DynamicUser")) ? {} : { user: last("User") ?? "root" },
    ...group !== undefined && { group },
    ownFolders,
    ...last("ProtectSystem") === "strict" && { writable: [...ownFolders, ...further, ...own] },
    hidden: isYes(last("ProtectHome")) ? HOMES : [],
  };
}

/** Returns further facts about a unit. Pure. */
export function factsIn(texts: readonly string[]): UnitFacts {
  const settings = settingsOf(texts);
  const start = settings.get("ExecStart")?.at(-1);
  const isRequired = (path: string) => !/^[-+]*-/.test(path);
  return {
    program: start?.replace(/^[-@:+!]+/, "").split(/\s/)[0],
    config: start === undefined ? undefined : configNamedBy(start),
    variableFiles: words(settings.get("EnvironmentFile")).map((path) => path.replace(/^-/, "")),
    required: words(settings.get("ReadWritePaths")).filter(isRequired)
      .map((path) => path.replace(/^\+/, "")),
  };
}

/** Returns the variables that a unit gives to what it starts; files that cannot be read give none. */
export function variablesOf({ texts }: InstalledUnit): Map<string, string> {
  const files = factsIn(texts).variableFiles.map((path) => variablesOfFile(read(path) ?? ""));
  const own = variablesIn(settingsOf(texts).get("Environment"));
  return new Map([own, ...files].flatMap((variables) => [...variables]));
}

/** Finds the unit and its drop-ins; undefined if there is none, or it must not be read. */
export function installedUnit(): InstalledUnit | undefined {
  const unit = FOLDERS.map((folder) => folder + UNIT).find((path) => read(path) !== undefined);
  if (unit === undefined) return undefined;
  const dropIns = new Map<string, string>();
  for (const folder of FOLDERS.map((folder) => `${folder}${UNIT}.d/`)) {
    for (const name of names(folder)) {
      if (name.endsWith(".conf") && !dropIns.has(name)) dropIns.set(name, folder + name);
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => a < b ? -1 : 1).map(([, path]) => path);
  const paths = [unit, ...sorted];
  return { paths, texts: paths.map((path) => read(path) ?? "") };
}

function read(path: string): string | undefined {
  return unlessRefused(() => Deno.readTextFileSync(path));
}

function names(folder: string): string[] {
  return unlessRefused(() => [...Deno.readDirSync(folder)].map(({ name }) => name)) ?? [];
}

function unlessRefused<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch {
    // Missing, or not readable by this user.
    return undefined;
  }
}
