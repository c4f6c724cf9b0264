/** Maps files to folders that the service may write to: nfscribe.service has folders of its own. */

import { normalPath } from "../../text/path.ts";
import { isOfSystem, mustStay } from "../../text/system_folders.ts";

/** Folder of the service's files (`LogsDirectory=`). */
const LOGS = "/var/log/nfscribe";
/** Folders that the service may write to: `LogsDirectory=`, `StateDirectory=`, `RuntimeDirectory=`. */
const OWN = /^\/(?:var\/log|var\/lib|run)\/nfscribe\//;
/**
 * Folders that the service is not given beside those of the system: those that it does not see, and
 * those that other programs keep their own files in.
 */
const FOREIGN =
  /^\/(?:home|root|tmp|run|opt|var\/(?!log\/)[^/]+|var\/log\/(?:audit|journal|private))(?:\/|$)/;

/** A file. */
export interface ServicePath {
  path: string;
  notes: string[];
}

/** Assigns each file a path that the service may write to. */
export class ServicePaths {
  /** Files that stay where they were, and which the service has to be given. */
  readonly kept: string[] = [];
  readonly #keeps: boolean;
  readonly #follow: (path: string) => string;
  /** Old paths by new ones. */
  readonly #taken = new Map<string, string>();

  /**
   * Begins.
   *
   * @param keeps Whether files stay where they were: the service is given their folders, unless
   *   these are the system's or of other programs.
   * @param follow Follows the links of a path; without it, none are followed.
   */
  constructor({ keeps = false, follow = (path) => path }: {
    keeps?: boolean;
    follow?: (path: string) => string;
  } = {}) {
    this.#keeps = keeps;
    this.#follow = follow;
  }

  /**
   * Assigns a path.
   *
   * @param file The file's path in ulogd.
   */
  of(file: string): ServicePath {
    if (!file.startsWith("/")) return { path: file, notes: [] };
    const old = normalPath(file);
    if (old.startsWith("/dev/") || OWN.test(old)) return { path: old, notes: [] };
    const folder = folderOf(old);
    if (this.#keeps) {
      const place = this.#follow(old);
      if (mayBeGiven(old) && mayBeGiven(place)) {
        if (!this.kept.includes(place)) this.kept.push(place);
        return { path: place, notes: place === file ? [] : [`was ${file}, which leads there`] };
      }
    } else if (isOfSystem(folder)) {
      return {
        path: old,
        notes: [`nfscribe.service writes below ${LOGS}, and is not to write to ${folder}`],
      };
    }
    if (!this.#keeps && !old.startsWith("/var/log/")) {
      return {
        path: old,
        notes: [
          `nfscribe.service writes below ${LOGS}; for this file say ReadWritePaths=${folder} in ` +
          "systemctl edit nfscribe",
        ],
      };
    }
    const whole = old.replace(/^\/(?:var\/log\/)?/, "");
    const path = [whole.slice(whole.lastIndexOf("/") + 1), whole.replaceAll("/", "-")]
      .map((name) => `${LOGS}/${name}`)
      .find((path) => (this.#taken.get(path) ?? old) === old) ?? old;
    this.#taken.set(path, old);
    return { path, notes: [`was ${old}, where nfscribe.service may not write`] };
  }
}

/** Returns whether the service may be given the folder of a file. */
function mayBeGiven(file: string): boolean {
  const folder = folderOf(file);
  return !mustStay(folder) && !FOREIGN.test(folder);
}

/** Returns the folders of files, each once. */
export function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map(folderOf))];
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/")) || "/";
}
