/** Reads the unit that runs nfscribe as a service (systemd.unit(5)). */

import { normalPath } from "../text/path.ts";
import type { Need } from "../permission.ts";

/** Name of the unit; scripts/install and the Debian package install it. */
const UNIT = "nfscribe.service";
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

/** Returns the rights to read the unit. */
export function unitNeeds(): Need[] {
  const why = `the user of ${UNIT}`;
  return FOLDERS.flatMap((folder) =>
    [UNIT, `${UNIT}.d/`].map((name): Need => ({ name: "read", value: folder + name, why }))
  );
}

/**
 * Finds the service that runs nfscribe with a configuration.
 *
 * @param file Absolute path of the configuration file.
 * @returns Service; undefined if there is none, or it must not be read.
 */
export function serviceOf(file: string): UnitService | undefined {
  const texts = unitTexts();
  return texts === undefined ? undefined : serviceIn(texts, file);
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
  const starts = (settings.get("ExecStart") ?? []).some((line) => namesFile(line, file));
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

/** Returns the assignments of `[Service]`; an empty one resets those before it. */
function settingsOf(texts: readonly string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const text of texts) {
    let section = "";
    for (const line of text.replaceAll(/\\\n/g, " ").split("\n").map((line) => line.trim())) {
      const header = /^\[(.*)\]$/.exec(line)?.[1];
      section = header ?? section;
      const [, key, value] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key === undefined || section !== "Service") continue;
      settings.set(key, value === "" ? [] : [...settings.get(key) ?? [], value!]);
    }
  }
  return settings;
}

function words(lines: readonly string[] = []): string[] {
  return lines.flatMap((line) => line.split(/\s+/)).filter((word) => word !== "");
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(1|yes|true|on)$/i.test(value);
}

/** Returns whether a command line names a configuration file. */
function namesFile(line: string, file: string): boolean {
  const all = words([line]).map((word) => word.replaceAll(/["']/g, ""));
  return all.some((word, index) => {
    const named = /^(?:--config|-c)=(.*)$/.exec(word)?.[1] ??
      (word === "-c" || word === "--config" ? all[index + 1] : undefined);
    return named !== undefined && normalPath(named) === file;
  });
}

/**
 * Returns the texts of the unit and its drop-ins; undefined if there is none, or it must not be
 * read.
 */
function unitTexts(): string[] | undefined {
  const unit = FOLDERS.map((folder) => read(folder + UNIT)).find((text) => text !== undefined);
  if (unit === undefined) return undefined;
  const dropIns = new Map<string, string>();
  for (const folder of FOLDERS.map((folder) => `${folder}${UNIT}.d/`)) {
    for (const name of names(folder)) {
      if (name.endsWith(".conf") && !dropIns.has(name)) dropIns.set(name, folder + name);
    }
  }
  const texts = [...dropIns].sort(([a], [b]) => a < b ? -1 : 1).map(([, path]) => read(path) ?? "");
  return [unit, ...texts];
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
