/**
 * Watches the files of a script for changes, and their paths for changes of links, folders and
 * mounts.
 */

import { Events, Inotify } from "../../../ffi/inotify.ts";
import { identityOf } from "../../../ffi/files.ts";
import { MountTable } from "../../../ffi/mount_table.ts";
import { linkTarget } from "../../../ffi/links.ts";
import type { SandboxWatch } from "./watch.ts";

/**
 * Delay before changed files are checked, in milliseconds: editors write, rename and write again.
 */
const DELAY_MS = 200;
/** Longest number of delays while changes continue. */
const DELAYS_MAX = 10;
/** Limit of links in a path, as in the kernel (path_resolution(7)). */
const LINKS_MAX = 40;

/**
 * Watches every file, folder and link in the paths of a script's files: each of them can be moved,
 * removed or replaced. Other names in their folders are watched only while a file is missing:
 * outputs in the same folder may change all the time.
 */
export class ScriptWatch {
  readonly #watch: SandboxWatch;
  readonly #onChange: () => void;
  readonly #mounts = new MountTable();
  /** Paths that are watched, with the files that they lead to. */
  readonly #files = new Map<string, string | undefined>();
  #inotify: Inotify | undefined;
  /** Names that are missing in folders, by watch descriptor. */
  readonly #missing = new Map<number, Set<string>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * Creates a watch without files.
   *
   * @param watch Waits for events of the kernel.
   * @param onChange Called once for changes in quick succession.
   */
  constructor(watch: SandboxWatch, onChange: () => void) {
    this.#watch = watch;
    this.#onChange = onChange;
    const { descriptor } = this.#mounts;
    if (descriptor < 0) return;
    watch.addExceptional(descriptor, () => {
      if (this.#isElsewhere()) this.scheduleCheck();
    });
  }

  /**
   * Replaces the watched files.
   *
   * @param paths Absolute paths; the files may be missing.
   * @throws {NetlinkError} If the kernel refuses; then nothing is watched.
   */
  follow(paths: readonly string[]): void {
    this.#unwatch();
    if (this.#isClosed) return;
    const inotify = new Inotify();
    try {
      for (const path of new Set(paths)) this.#watchPath(inotify, path);
    } catch (error) {
      inotify[Symbol.dispose]();
      throw error;
    }
    this.#files.clear();
    for (const path of paths) this.#files.set(path, identityOf(path));
    this.#inotify = inotify;
    this.#watch.add(inotify.descriptor, () => {
      if (this.#hasChanged()) this.scheduleCheck();
    });
  }

  /** Schedules a check after the changes have ended. */
  scheduleCheck(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const { descriptor } = this.#inotify ?? {};
    // Later writes need no further wake-up.
    if (descriptor !== undefined) this.#watch.remove(descriptor);
    let delays = 0;
    const onTime = () => {
      if (this.#hasChanged() && ++delays < DELAYS_MAX) {
        this.#timer = setTimeout(onTime, DELAY_MS);
        return;
      }
      this.#timer = undefined;
      this.#onChange();
    };
    this.#timer = setTimeout(onTime, DELAY_MS);
  }

  /** Stops watching. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch();
    this.#watch.remove(this.#mounts.descriptor);
    this.#mounts[Symbol.dispose]();
  }

  #unwatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#missing.clear();
    if (this.#inotify === undefined) return;
    this.#watch.remove(this.#inotify.descriptor);
    this.#inotify[Symbol.dispose]();
    this.#inotify = undefined;
  }

  /** Whether a path leads to another file than before, as after a mount over its folder. */
  #isElsewhere(): boolean {
    return [...this.#files].some(([path, identity]) => identityOf(path) !== identity);
  }

  /** Reads the kernel's events; returns whether any concerns the files. */
  #hasChanged(): boolean {
    const changes = this.#inotify?.take() ?? [];
    return changes.some(({ watch, name }) =>
      name === undefined || this.#missing.get(watch)?.has(name) === true
    );
  }

  /**
   * Follows a path as the kernel does. Each component is watched before it is read, so that no
   * change in between is missed.
   */
  #watchPath(inotify: Inotify, path: string): void {
    const rest = path.split("/").reverse();
    const folders: [folder: string, name: string][] = [];
    let folder = "";
    for (let links = 0; rest.length > 0;) {
      const name = rest.pop()!;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        folder = folder.slice(0, folder.lastIndexOf("/"));
        continue;
      }
      const step = `${folder}/${name}`;
      folders.push([folder, name]);
      const events = rest.length > 0 ? Events.REPLACED : Events.REPLACED | Events.WRITTEN;
      if (inotify.add(step, events) === "missing") {
        this.#awaitNames(inotify, folders);
        // It may have appeared before its folder was watched.
        if (inotify.add(step, events) === "missing") return;
      }
      const target = linkTarget(step);
      if (target === undefined) {
        folder = step;
      } else {
        if (++links > LINKS_MAX) return;
        if (target.startsWith("/")) folder = "";
        rest.push(...target.split("/").reverse());
      }
    }
  }

  /**
   * Watches the folders of a path for the missing names: a folder may be replaced by one that has
   * the file.
   */
  #awaitNames(inotify: Inotify, folders: readonly (readonly [string, string])[]): void {
    for (const [folder, name] of folders) {
      const watch = inotify.add(`${folder}/.`, Events.APPEARED | Events.REPLACED);
      if (typeof watch !== "number") continue;
      const names = this.#missing.get(watch) ?? new Set();
      this.#missing.set(watch, names.add(name));
    }
  }
}
