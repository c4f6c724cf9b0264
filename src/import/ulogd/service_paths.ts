/** Maps files to folders that the service may write to: nfscribe.service has folders of its own. */

/** Folder of the service's files (`LogsDirectory=`). */
const LOGS = "/var/log/nfscribe";
/** Folders that the service may write to: `LogsDirectory=`, `StateDirectory=`, `RuntimeDirectory=`. */
const OWN = /^\/(?:var\/log|var\/lib|run)\/nfscribe\//;
/** Folders of the whole system, which the service is not given, and those that it does not see. */
const SHARED = /^\/(?:[^/]+|var\/[^/]+|home\/.*|root\/.*|tmp\/.*|var\/tmp\/.*|run\/user\/.*)?$/;

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
  /** Old paths by new ones. */
  readonly #taken = new Map<string, string>();

  /**
   * Begins.
   *
   * @param keeps Whether files stay where they were: the service is given their folders.
   */
  constructor({ keeps = false }: { keeps?: boolean } = {}) {
    this.#keeps = keeps;
  }

  /**
   * Assigns a path.
   *
   * @param old The file's path in ulogd.
   */
  of(old: string): ServicePath {
    if (!old.startsWith("/") || old.startsWith("/dev/") || OWN.test(old)) {
      return { path: old, notes: [] };
    }
    const folder = folderOf(old);
    if (this.#keeps && !SHARED.test(folder)) {
      if (!this.kept.includes(old)) this.kept.push(old);
      return { path: old, notes: [] };
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

/** Returns the folders of files, each once. */
export function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map(folderOf))];
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/")) || "/";
}
