/**
 * Notices when the files of a script change, or when their paths come to mean other files.
 *
 * @module
 */

import { Events, Inotify } from "../../../ffi/inotify.ts";
import { linkTarget } from "../../../ffi/links.ts";
import type { SandboxWatch } from "./watch.ts";

/** How long to wait before changed files are looked at, in milliseconds: editors write, rename and write again. */
const SETTLE_MS = 200;
/** How often to wait again where they go on changing. */
const SETTLES_MAX = 10;
/** Links on the way to a file, at the most, as the kernel has it (path_resolution(7)). */
const LINKS_MAX = 40;

/**
 * Watches every file, folder and link on the way to a script's files: each of them may be
 * moved away, removed or replaced. What else is in their folders is watched only while
 * something is missing there: outputs may lie beside the script and change all the time.
 */
export class ScriptWatch {
  readonly #watch: SandboxWatch;
  readonly #onChange: () => void;
  #inotify: Inotify | undefined;
  /** Names that are missing in folders, by the folder's number. */
  readonly #missing = new Map<number, Set<string>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * Watches nothing yet.
   *
   * @param watch Waits for the kernel's events.
   * @param onChange Called after a change, or several that come together.
   */
  constructor(watch: SandboxWatch, onChange: () => void) {
    this.#watch = watch;
    this.#onChange = onChange;
  }

  /**
   * Watches these files from now on, and no others.
   *
   * @param paths Absolute paths; there need not be such files.
   * @throws {NetlinkError} If the kernel refuses; then nothing is watched.
   */
  follow(paths: Iterable<string>): void {
    this.#leave();
    if (this.#isClosed) return;
    const inotify = new Inotify();
    try {
      for (const path of new Set(paths)) this.#walk(inotify, path);
    } catch (error) {
      inotify[Symbol.dispose]();
      throw error;
    }
    this.#inotify = inotify;
    this.#watch.add(inotify.descriptor, () => {
      if (this.#hasChanged()) this.settle();
    });
  }

  /** Has the files looked at in a moment, once they do not change any more. */
  settle(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const { descriptor } = this.#inotify ?? {};
    // One wake-up is enough, however often a file is written meanwhile.
    if (descriptor !== undefined) this.#watch.remove(descriptor);
    let settles = 0;
    const onTime = () => {
      if (this.#hasChanged() && ++settles < SETTLES_MAX) {
        this.#timer = setTimeout(onTime, SETTLE_MS);
        return;
      }
      this.#timer = undefined;
      this.#onChange();
    };
    this.#timer = setTimeout(onTime, SETTLE_MS);
  }

  /** Watches nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#missing.clear();
    if (this.#inotify === undefined) return;
    this.#watch.remove(this.#inotify.descriptor);
    this.#inotify[Symbol.dispose]();
    this.#inotify = undefined;
  }

  /** Takes the kernel's events; whether any of them concerns the files. */
  #hasChanged(): boolean {
    const changes = this.#inotify?.take() ?? [];
    return changes.some(({ watch, name }) =>
      name === undefined || this.#missing.get(watch)?.has(name) === true
    );
  }

  /**
   * Goes the way to a file as the kernel does. Each step is watched before it is looked at:
   * one that changes in between is noticed.
   */
  #walk(inotify: Inotify, path: string): void {
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
        // It may have come before its folder was watched.
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

  /** Has names noticed that appear in folders on the way: any of these may be replaced by another one that has the file. */
  #awaitNames(inotify: Inotify, folders: readonly (readonly [string, string])[]): void {
    for (const [folder, name] of folders) {
      const watch = inotify.add(`${folder}/.`, Events.APPEARED | Events.REPLACED);
      if (typeof watch !== "number") continue;
      const names = this.#missing.get(watch) ?? new Set();
      this.#missing.set(watch, names.add(name));
    }
  }
}
