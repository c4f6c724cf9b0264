/** Runs a group of sandboxes, and exchanges all of them when the script changes. */

import { messageOf } from "../../errors.ts";
import { Kind } from "../../sandbox/slot.ts";
import type { SandboxPlan } from "./plan.ts";
import { Sandbox } from "./sandbox.ts";
import { ScriptFiles } from "./script_files.ts";
import { ScriptWatch } from "./script_watch.ts";
import { checkTypesInProcess, uncheckedText } from "./type_check.ts";

/** Options of a pool. */
export interface PoolPlan extends SandboxPlan {
  /** The script's path; undefined without one. */
  script: string | undefined;
  /** Time limit of a slot, in milliseconds. */
  timeoutMs: number;
  /** Called with sandboxes that get no new slots any more, to stop their scripts. */
  retire(sandboxes: readonly Sandbox[]): void;
  /** Starts a sandbox; a test has another function. */
  load?: typeof Sandbox.load;
}

/** Longest interval between checks after which a hang can be detected, in milliseconds. */
const CHECK_GAP_MS = 2000;

/** Longest check of types that is not logged, in milliseconds. */
const SHORT_CHECK_MS = 2000;

/** Options of reloading the script. */
export interface ReloadOptions {
  /** Whether a script with type errors is refused. */
  checksTypes: boolean;
}

/** Sandboxes of a pipeline. */
export class SandboxPool {
  /** Sandboxes that receive new slots. */
  members: Sandbox[] = [];
  /** Reason why the script on disk was not loaded; undefined if it was. */
  refusal: string | undefined;
  /** Options of automatic reloads; undefined if there are none. */
  reloads: ReloadOptions | undefined;
  readonly #plan: PoolPlan;
  /** Sandboxes of replaced scripts, which finish their slots. */
  #retired: Sandbox[] = [];
  readonly #nextTicks = new Map<Sandbox, number>();
  #checkedMs = 0;
  readonly #ended = new AbortController();
  #isExpedited = false;
  #reloading: Promise<void> | undefined;
  #reloadAgain = false;
  /** Files of the version that was loaded or refused last. */
  #tried: ScriptFiles | undefined;
  #scriptWatch: ScriptWatch | undefined;
  readonly #closing: Promise<void>[] = [];

  /** Called by {@linkcode SandboxPool.load}. */
  private constructor(plan: PoolPlan) {
    this.#plan = plan;
  }

  /**
   * Starts the sandboxes and waits until each has loaded the script.
   *
   * @throws {ConfigError} If the script cannot be used; the message contains the position.
   * @throws {NetlinkError} If the system refuses a process.
   */
  static async load(plan: PoolPlan): Promise<SandboxPool> {
    const pool = new SandboxPool(plan);
    pool.members = await pool.#loadAll();
    return pool;
  }

  /** Paths of the script's files. */
  get files(): readonly string[] {
    return this.members[0]?.files?.paths ?? [];
  }

  /** Time of the next `tick` or check; Infinity for none. */
  get nextTickMs(): number {
    let next = Infinity;
    for (const sandbox of this.members) {
      next = Math.min(next, sandbox.nextCheckMs);
      if (sandbox.tickMs === undefined) continue;
      next = Math.min(next, this.#nextTicks.get(sandbox) ?? 0);
    }
    return next;
  }

  /** Returns the sandboxes whose `tick` is due, and schedules their next one. */
  dueTicks(nowMs: number): Sandbox[] {
    return this.members.filter((sandbox) => {
      const { tickMs } = sandbox;
      if (tickMs === undefined) return false;
      const next = this.#nextTicks.get(sandbox);
      if (next !== undefined && nowMs < next) return false;
      this.#nextTicks.set(sandbox, nowMs + tickMs);
      if (next === undefined) return false;
      return sandbox.free.length > 0 && !sandbox.dispatched.some(({ kind }) => kind === Kind.TICK);
    });
  }

  /** Sets the slot event that this process waits for (`Awaited`). */
  set awaited(value: number) {
    for (const sandbox of this.members) sandbox.awaited = value;
    for (const sandbox of this.#retired) sandbox.awaited = value;
  }

  /** Blocks this thread until a slot event, for a limited time. */
  block(timeoutMs: number): void {
    this.#plan.watch.block(timeoutMs);
  }

  /**
   * Detects sandboxes that hang, and closes retired ones that are done.
   *
   * @throws {Error} If a sandbox cannot be replaced any more.
   */
  check(nowMs: number): void {
    // Sandboxes were not checked while this process was stopped or blocked on a pipe.
    const isLate = nowMs - this.#checkedMs > CHECK_GAP_MS;
    this.#checkedMs = nowMs;
    for (const sandbox of [...this.members, ...this.#retired]) {
      sandbox.check(nowMs, isLate, this.#plan.timeoutMs);
      if (sandbox.fatal !== undefined) throw sandbox.fatal;
    }
    const isDone = ({ dispatched, stopPending }: Sandbox) =>
      dispatched.length === 0 && !stopPending;
    for (const sandbox of this.#retired.filter(isDone)) {
      this.#retired.splice(this.#retired.indexOf(sandbox), 1);
      sandbox.drain();
      this.#closing.push(sandbox.close());
    }
    this.#plan.sandboxLog.reportSuppressed();
  }

  /** Bypasses the script after one failure from now on: a stop has begun. */
  expedite(): void {
    this.#isExpedited = true;
    for (const sandbox of [...this.members, ...this.#retired]) sandbox.expedite();
  }

  /** Bypasses the script from now on. */
  bypassScript(): void {
    for (const sandbox of [...this.members, ...this.#retired]) sandbox.bypassScript();
  }

  /**
   * Loads the script again beside the running version, which it replaces between two slots. If it
   * cannot be loaded, the running version stays.
   */
  reload(): Promise<void> {
    if (this.#ended.signal.aborted) return Promise.resolve();
    if (this.#reloading !== undefined) {
      this.#reloadAgain = true;
      return this.#reloading;
    }
    this.#reloading = this.#reload().finally(() => {
      this.#reloading = undefined;
      this.#follow();
      if (!this.#reloadAgain) return;
      this.#reloadAgain = false;
      this.reload();
    });
    return this.#reloading;
  }

  /** Reloads the script from now on when its files change. */
  watchFiles(options: ReloadOptions): void {
    if (this.reloads !== undefined) return;
    this.reloads = options;
    if (this.#tried === undefined) return;
    this.#scriptWatch = new ScriptWatch(this.#plan.watch, () => this.#onChange());
    this.#follow();
  }

  /**
   * Watches the files of the version that was tried last; if they have changed since, schedules a
   * check.
   */
  #follow(): void {
    const watch = this.#scriptWatch;
    if (watch === undefined || this.#ended.signal.aborted) return;
    try {
      watch.follow(this.#tried!.paths);
      if (!this.#tried!.isCurrent()) watch.scheduleCheck();
    } catch (error) {
      this.#scriptWatch = undefined;
      watch.close();
      this.#plan.log.warn(
        `Changes of the filter are not noticed: ${messageOf(error)}; send SIGHUP after one`,
      );
    }
  }

  /**
   * Reloads the script if its files differ from the running version and from the version tried
   * last.
   */
  #onChange(): void {
    const running = this.members[0]?.files;
    const isOther = this.#tried?.isCurrent() === false;
    if (!isOther || this.#reloading !== undefined) return this.#follow();
    if (running === undefined || running === this.#tried || !running.isCurrent()) {
      this.reload();
      return;
    }
    this.#tried = running;
    this.#plan.log.info("The filter's files are again those of the version that runs");
    this.#follow();
  }

  /** Closes all sandboxes, also those that are being loaded, after reading their last messages. */
  async close(): Promise<void> {
    this.#ended.abort();
    this.#scriptWatch?.close();
    const all = [...this.members, ...this.#retired];
    for (const sandbox of all) sandbox.drain();
    this.#plan.sandboxLog.reportSuppressed(true);
    await Promise.all([...all.map((sandbox) => sandbox.close()), ...this.#closing]);
    await this.#reloading;
    await this.#plan.watch.close();
  }

  async #reload(): Promise<void> {
    const { log, script } = this.#plan;
    let fresh: Sandbox[];
    try {
      const files = await this.#checkedFiles();
      if (files === "changed") {
        this.#reloadAgain = true;
        return;
      }
      if (this.#ended.signal.aborted) return;
      fresh = await this.#loadAll(files);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.refusal = `The filter was not replaced: ${messageOf(error)}`;
      log.error(`${this.refusal}; the one before goes on`);
      return;
    }
    if (this.#ended.signal.aborted) return closeAll(fresh);
    this.refusal = undefined;
    const old = this.members;
    this.members = fresh;
    if (this.#isExpedited) this.expedite();
    this.#retired.push(...old);
    this.#plan.retire(old);
    if (script !== undefined) log.info("The filter was replaced by its new version", { script });
    this.#plan.wake();
  }

  /**
   * Checks the script's types.
   *
   * @returns Checked files; undefined if types are not checked.
   * @throws {ConfigError} If there are type errors.
   */
  async #checkedFiles(): Promise<ScriptFiles | "changed" | undefined> {
    const { script, log } = this.#plan;
    if (script === undefined || this.reloads?.checksTypes !== true) return undefined;
    const timer = setTimeout(() => {
      log.info("The filter has changed: its types are being checked; the one before goes on");
    }, SHORT_CHECK_MS);
    const check = await checkTypesInProcess(script, this.#ended.signal).finally(() =>
      clearTimeout(timer)
    );
    if (check === "changed") return check;
    if ("failure" in check) {
      if (!this.#ended.signal.aborted) log.warn(uncheckedText(check.failure));
      return undefined;
    }
    if (check.error === undefined) return check.files;
    this.#tried = check.files;
    throw check.error;
  }

  /** Loads all workers from one reading of the files. */
  async #loadAll(checked?: ScriptFiles): Promise<Sandbox[]> {
    const { setup: { workers }, script, load = Sandbox.load } = this.#plan;
    const files = script === undefined ? undefined : checked ?? new ScriptFiles(script);
    this.#tried = files;
    const results = await Promise.allSettled(
      Array.from(
        { length: workers },
        (_, worker) => load(this.#plan, worker, files, this.#ended.signal),
      ),
    );
    const loaded = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return loaded;
    await closeAll(loaded);
    throw failed.reason;
  }
}

async function closeAll(sandboxes: readonly Sandbox[]): Promise<void> {
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
}
