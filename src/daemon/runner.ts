/** Finds the user that nfscribe will run as, and the paths that this user may not use. */

import type { Config } from "../config/config.ts";
import { absolute } from "../text/path.ts";
import { assumeVariables, isGranted, type Need } from "../permission.ts";
import { libcNeed } from "../source/libc_need.ts";
import {
  installedUnit,
  serviceIn,
  serviceOf,
  type UnitService,
  variablesOf,
} from "../systemd/unit.ts";
import { unitWord } from "../systemd/unit_text.ts";
import { type Denial, denialsOf } from "../privileges/denied.ts";
import { configuredPathsOf, ownPathsOf } from "./own_paths.ts";
import type { OwnPath } from "../privileges/denied.ts";
import { Privileges } from "../privileges/privileges.ts";
import { type Credentials, currentUser, findCredentials } from "../privileges/user.ts";

const ROOT = 0;

/** User that nfscribe will run as. */
export interface Runner {
  /** The user. */
  credentials: Credentials;
  /** Service that runs this configuration; absent if there is none. */
  service?: UnitService;
}

/** Configuration file. */
interface Place {
  /** Path as it was given, for messages. */
  file: string;
  /** Absolute path. */
  path: string;
}

/**
 * Returns the user that nfscribe will run as: the configuration's `user`, or the user of the
 * service that runs this file.
 *
 * @returns The user; undefined for the one that starts it.
 * @throws {ConfigError} If there is no such user.
 */
export function runnerOf(config: Config, place: Place | undefined): Runner | undefined {
  const service = place && serviceOf(place.path);
  if (config.user !== undefined) {
    const credentials = findCredentials(config, place?.file ?? "options")!;
    return { credentials, ...service !== undefined && { service } };
  }
  const { user, group } = service ?? {};
  if (service === undefined || user === undefined || user === "root") return undefined;
  const named = { user: idOf(user), ...group !== undefined && { group: idOf(group) } };
  return { credentials: findCredentials(named, service.unit)!, service };
}

/**
 * Assumes the variables of the service that runs a configuration, as `HOME`, where root judges that
 * for the service's user: a password stands in files of the latter.
 *
 * @param file Path of the configuration; undefined for one of options.
 */
export function assumeServiceOf(file: string | undefined): void {
  if (file === undefined || !isGranted(libcNeed("who runs it"))) return;
  const unit = installedUnit();
  if (unit === undefined || currentUser() !== ROOT) return;
  if (serviceIn(unit.texts, absolute(file)) !== undefined) assumeVariables(variablesOf(unit));
}

/** Returns a user's name or number from a unit's text. */
function idOf(word: string): string | number {
  return /^\d+$/.test(word) ? Number(word) : word;
}

/**
 * Returns the paths that the user may not use. Changes this process to that user.
 *
 * @param runner The user.
 * @param needs Rights that it needs; they include the files that are read.
 * @param files The filter's files.
 * @throws {Deno.errors.PermissionDenied} If the system refuses to change the user.
 */
export function denialsFor(
  { credentials, service }: Runner,
  config: Config,
  needs: readonly Need[],
  files: readonly string[],
): Denial[] {
  Privileges.lower(credentials);
  const of = service === undefined ? ownPathsOf : configuredPathsOf;
  const read = files.map((path): OwnPath => ({ path, kind: "read", why: "the filter" }));
  const paths = [...of(config, needs), ...read].map((own) => ({
    ...own,
    path: absolute(own.path),
  }));
  if (service === undefined) return denialsOf(paths, credentials);
  return paths.flatMap((own) => {
    const closed = closedBy(service, own);
    if (closed !== undefined) return [closed];
    return isMade(service, own) ? [] : denialsOf([own], credentials);
  });
}

/**
 * Returns whether systemd creates the folder of a path, or changes its owner to the user,
 * at the start.
 */
function isMade({ ownFolders }: UnitService, { path }: OwnPath): boolean {
  const folder = ownFolders.find((folder) => path.startsWith(folder));
  return folder !== undefined && !isOwn(folder);
}

/** Returns whether this user owns a folder. */
function isOwn(folder: string): boolean {
  try {
    return Deno.statSync(folder).uid === currentUser();
  } catch {
    return false;
  }
}

/** Returns the denial by a unit's sandboxing options, if any. */
function closedBy({ unit, writable, hidden }: UnitService, own: OwnPath): Denial | undefined {
  const { path, kind, why } = own;
  const hiding = hidden.find((folder) => path.startsWith(folder));
  if (hiding !== undefined) {
    return {
      why,
      path,
      advice: `${unit} does not see ${hiding} (ProtectHome=); choose another folder`,
    };
  }
  if (kind === "read" || kind === "secret" || writable === undefined) return undefined;
  const place = kind === "folder" ? `${path.replace(/\/$/, "")}/` : path;
  if (writable.some((folder) => place.startsWith(folder))) return undefined;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return {
    why,
    path,
    advice: `${unit} may not write there; choose a folder below ${writable[0]}, or add ` +
      `[Service] and ReadWritePaths=${unitWord(folder)} to what this opens`,
    command: `systemctl edit ${unit}`,
  };
}
