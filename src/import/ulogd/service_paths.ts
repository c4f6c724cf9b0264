/** Maps files to folders that the service may write to: nfscribe.service has folders of its own. */

/** Folder of the service's files (`LogsDirectory=`). */
const LOGS = "/var/log/nfscribe";
/** Folders that the service may write to: `LogsDirectory=`, `StateDirectory=`, `RuntimeDirectory=`. */
const OWN = /^\/(?:var\/log|var\/lib|run)\/nfscribe\//;

/** A file. */
export interface ServicePath {
  path: string;
  notes: string[];
}

/** Assigns each file a path of its own in the service's folder. */
export class ServicePaths {
  /** Old paths by new ones. */
  readonly #taken = new Map<string, string>();

  /**
   * Assigns a path.
   *
   * @param old The file's path in ulogd.
   */
  of(old: string): ServicePath {
    if (!old.startsWith("/") || OWN.test(old)) return { path: old, notes: [] };
    const folder = old.slice(0, old.lastIndexOf("/")) || "/";
    if (!old.startsWith("/var/log/")) {
      return {
        path: old,
        notes: [
          `nfscribe.service writes below ${LOGS}; for this file say ReadWritePaths=${folder} in ` +
          "systemctl edit nfscribe",
        ],
      };
    }
    const whole = old.slice("/var/log/".length);
    const path = [whole.slice(whole.lastIndexOf("/") + 1), whole.replaceAll("/", "-")]
      .map((name) => `${LOGS}/${name}`)
      .find((path) => (this.#taken.get(path) ?? old) === old) ?? old;
    this.#taken.set(path, old);
    return { path, notes: [`was ${old}, where nfscribe.service may not write`] };
  }
}
