/**
 * The sandboxes that work together: looked after, replaced where they fail, and
 * all exchanged when the script changes.
 *
 * @module
 */

import { ConfigError, messageOf } from "../errors.ts";
import type { SandboxSetup } from "../sandbox/messages.ts";
import { Kind, Mode, State } from "../sandbox/slot.ts";
import { handOn, type Journey } from "./journey.ts";
import { Sandbox, type SandboxPlan } from "./sandbox.ts";

/** How long a slot may take without a script at the least, in milliseconds: `timeout_ms` is meant for scripts. */
const BARE_MS = 10_000;
/** How long to wait before a script that did not load is tried again, in milliseconds. */
const RETRY_MS = 10_000;

/** Between two looks at sandboxes that lie further apart nobody can tell which hang, in milliseconds. */
const UNSEEN_MS = 2000;
/** How long the memory of an ended sandbox may take to be given back, in milliseconds. */
const MEMORY_SETTLES_MS = 5000;

/** What a team is made with. */
export interface TeamPlan extends SandboxPlan {
  /** What each sandbox is made of, but for its number. */
  setup: Omit<SandboxSetup, "ring" | "mailbox" | "worker">;
  /** How long a slot may take, in milliseconds. */
  timeoutMs: number;
  /** Told of sandboxes that get no new slots any more: their scripts want to know. */
  retire(sandboxes: readonly Sandbox[]): void;
}

/** The sandboxes of a pipeline. */
export class SandboxTeam {
  /** The sandboxes that new slots go to. */
  members: Sandbox[] = [];
  readonly #plan: TeamPlan;
  /** Sandboxes of a script that was replaced, which finish what they have. */
  #retired: Sandbox[] = [];
  /** Who took whose place. */
  readonly #heirs = new Map<Sandbox, { heir: Sandbox | undefined; blame: "failed" | "timedOut" }>();
  readonly #nextTicks = new Map<Sandbox, number>();
  #baseline = 0;
  #checkedMs = 0;
  /** When memory is looked at again, after it was too much; 0 where it was not. */
  #memoryCheckFromMs = 0;
  #fatal: unknown;
  #closed = false;
  #reloading: Promise<void> | undefined;
  #reloadAgain = false;
  #retryAtMs = Infinity;

  /** Use {@linkcode SandboxTeam.load}. */
  private constructor(plan: TeamPlan) {
    this.#plan = plan;
  }

  /**
   * Makes the sandboxes.
   *
   * @throws {ConfigError} If the script cannot be used; the message tells the place.
   */
  static async load(plan: TeamPlan): Promise<SandboxTeam> {
    const team = new SandboxTeam(plan);
    team.members = await team.#loadAll();
    team.#baseline = Deno.memoryUsage().rss;
    return team;
  }

  /** Files that the script is made of. */
  get files(): readonly string[] {
    return this.members[0]?.files ?? [];
  }

  /** When the next `tick` is due; Infinity for never. */
  get nextTickMs(): number {
    let next = this.#retryAtMs;
    for (const sandbox of this.members) {
      if (sandbox.tickMs === undefined) continue;
      next = Math.min(next, this.#nextTicks.get(sandbox) ?? 0);
    }
    return next;
  }

  /** Sandboxes whose `tick` is due; each is handed out once. */
  dueTicks(nowMs: number): Sandbox[] {
    return this.members.filter((sandbox) => {
      const { tickMs } = sandbox;
      if (tickMs === undefined || sandbox.ended !== undefined) return false;
      const next = this.#nextTicks.get(sandbox);
      if (next !== undefined && nowMs < next) return false;
      this.#nextTicks.set(sandbox, nowMs + tickMs);
      if (next === undefined) return false;
      return sandbox.free.length > sandbox.owed &&
        !sandbox.dealt.some(({ kind }) => kind === Kind.TICK);
    });
  }

  /**
   * Looks for sandboxes that hang, ended or eat memory.
   *
   * @throws {unknown} If no sandbox can be made any more.
   */
  check(nowMs: number): void {
    if (this.#fatal !== undefined) throw this.#fatal;
    const { memoryMb } = this.#plan;
    // A process that was stopped for a while, or waited for a pipe, has not seen its sandboxes get on.
    const unseen = nowMs - this.#checkedMs > UNSEEN_MS;
    this.#checkedMs = nowMs;
    for (const sandbox of [...this.members, ...this.#retired]) {
      if (this.#heirs.has(sandbox)) continue;
      if (sandbox.ended !== undefined) {
        this.#replace(sandbox, "failed", sandbox.ended);
        continue;
      }
      const { atHand } = sandbox;
      const timeoutMs = Math.max(this.#plan.timeoutMs, this.#isBare(sandbox) ? BARE_MS : 0);
      if (atHand === undefined || atHand.state === State.FULL) {
        sandbox.busySinceMs = nowMs;
        sandbox.workingOn = undefined;
      } else if (atHand !== sandbox.workingOn || unseen) {
        sandbox.busySinceMs = nowMs;
        sandbox.workingOn = atHand;
      } else if (nowMs - sandbox.busySinceMs > timeoutMs) {
        this.#replace(sandbox, "timedOut", `a batch takes longer than timeout_ms = ${timeoutMs}`);
      }
    }
    this.#checkMemory(nowMs, memoryMb);
    const finished = ({ dealt, owed, stopPending }: Sandbox) =>
      dealt.length === 0 && owed === 0 && !stopPending;
    for (const sandbox of this.#retired.filter(finished)) {
      this.#retired.splice(this.#retired.indexOf(sandbox), 1);
      sandbox.terminate();
    }
    if (nowMs >= this.#retryAtMs) {
      this.#retryAtMs = Infinity;
      this.reload();
    }
  }

  /** Memory outside of the heap, as that of typed arrays, has no limit of its own. */
  #checkMemory(nowMs: number, memoryMb: number): void {
    if (nowMs < this.#memoryCheckFromMs) return;
    const { rss } = Deno.memoryUsage();
    if (this.#memoryCheckFromMs > 0) {
      // What the process has not given back since is not the new sandbox's.
      this.#memoryCheckFromMs = 0;
      this.#baseline = rss;
    }
    const most = this.#baseline + 2 * memoryMb * 1024 * 1024 * this.members.length;
    if (this.#plan.setup.script === undefined || rss <= most) return;
    this.#memoryCheckFromMs = nowMs + MEMORY_SETTLES_MS;
    const alive = this.members.filter((sandbox) => !this.#heirs.has(sandbox));
    const busy = alive.filter(({ atHand }) => atHand !== undefined);
    for (const sandbox of busy.length > 0 ? busy : alive) {
      this.#replace(
        sandbox,
        "failed",
        `it needs more memory than twice memory_mb = ${memoryMb}`,
      );
    }
  }

  /** Moves what ended sandboxes have left undone to those that took their place. */
  handOnOrphans(journeys: readonly Journey[]): void {
    if (this.#heirs.size === 0) return;
    for (const [ended, { heir, blame }] of this.#heirs) {
      if (heir === undefined) continue;
      const left = journeys.filter(({ sandbox, slot }) =>
        sandbox === ended && slot.state !== State.DONE
      );
      for (const journey of left) {
        // What is full is written first, when its turn comes.
        if (journey.slot.state === State.FULL) continue;
        const isCulprit = journey.slot === ended.culprit;
        if (isCulprit && journey.slot.kind !== Kind.PACKETS) {
          // A tick or stop that failed once is not tried again.
          journey.slot.clearResults();
          journey.slot.state = State.DONE;
          continue;
        }
        if (isCulprit) journey.blame = blame;
        else if (heir.bare !== undefined) journey.blame = "failed";
        // Where no script was at work, writing the packets is what failed.
        const second = this.#isBare(ended) ? Mode.DROP : this.#onError;
        handOn(journey, heir, isCulprit ? second : heir.bare ?? Mode.FILTER);
      }
      heir.owed = left.filter(({ sandbox }) => sandbox === ended).length;
      if (heir.owed === 0) this.#heirs.delete(ended);
    }
  }

  /**
   * Loads the script anew beside the one that runs; it takes over between two
   * slots. One that does not load leaves the old one running.
   */
  reload(): Promise<void> {
    if (this.#reloading !== undefined) {
      this.#reloadAgain = true;
      return this.#reloading;
    }
    this.#reloading = this.#reload().finally(() => {
      this.#reloading = undefined;
      if (!this.#reloadAgain) return;
      this.#reloadAgain = false;
      this.reload();
    });
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    const { log } = this.#plan;
    let fresh: Sandbox[];
    try {
      fresh = await this.#loadAll();
    } catch (error) {
      log.error(`The filter was not replaced: ${messageOf(error)}; the one before goes on`);
      return;
    }
    if (this.#closed) return fresh.forEach((sandbox) => sandbox.terminate());
    const old = this.members.filter((sandbox) => !this.#heirs.has(sandbox));
    this.members = fresh;
    this.#retired.push(...old);
    this.#plan.retire(old);
    const script = this.#plan.setup.script?.replace(/^file:\/\//, "");
    if (script !== undefined) log.info("The filter was replaced by its new version", { script });
    this.#plan.wake();
  }

  /** Ends every sandbox, after what it has told has arrived. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.members, ...this.#retired];
    await Promise.all(all.map((sandbox) => sandbox.settle()));
    for (const sandbox of all) sandbox.terminate();
  }

  async #loadAll(): Promise<Sandbox[]> {
    const { workers } = this.#plan.setup;
    const results = await Promise.allSettled(
      Array.from({ length: workers }, (_, worker) => this.#loadOne(worker)),
    );
    const loaded = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return loaded;
    for (const sandbox of loaded) sandbox.terminate();
    throw failed.reason;
  }

  #loadOne(worker: number): Promise<Sandbox> {
    return Sandbox.load(this.#plan, { ...this.#plan.setup, worker });
  }

  /** Ends a sandbox and makes another one in its place; what it has left undone goes there. */
  #replace(sandbox: Sandbox, blame: "failed" | "timedOut", reason: string): void {
    const { onError, script } = this.#plan.setup;
    sandbox.culprit = sandbox.atHand;
    sandbox.terminate();
    const mode = sandbox.culprit?.mode ?? Mode.FILTER;
    if (mode === Mode.DROP && this.#isBare(sandbox)) {
      this.#heirs.set(sandbox, { heir: undefined, blame });
      this.#fatal = new Error(`Cannot go on: the sandbox fails without any filter, too: ${reason}`);
      return;
    }
    this.#plan.log.error(
      `The filter's sandbox is replaced: ${reason}` +
        (sandbox.culprit === undefined
          ? ""
          : `; the packets of that batch follow on_error = "${onError}"`),
    );
    const estate: { heir: Sandbox | undefined; blame: "failed" | "timedOut" } = {
      heir: undefined,
      blame,
    };
    this.#heirs.set(sandbox, estate);
    // It has failed without the filter being called: a timer of the script may do that each time.
    const isBare = script !== undefined && (sandbox.bare !== undefined || mode !== Mode.FILTER);
    this.#loadHeir(sandbox.worker, isBare).then((heir) => {
      if (this.#closed) return heir.terminate();
      // All are owed until the first look at what there is.
      heir.owed = heir.free.length;
      estate.heir = heir;
      const index = this.members.indexOf(sandbox);
      if (index >= 0) {
        this.members[index] = heir;
      } else {
        // The script was replaced meanwhile: the heir finishes what is left.
        this.#retired = [...this.#retired.filter((other) => other !== sandbox), heir];
      }
      this.#plan.wake();
    }, (error) => {
      this.#fatal = error;
      this.#plan.wake();
    });
  }

  async #loadHeir(worker: number, isBare: boolean): Promise<Sandbox> {
    if (isBare) {
      return await this.#loadBare(
        worker,
        `The filter's script fails without being called; until it is tried again in ${
          RETRY_MS / 1000
        } s,`,
      );
    }
    try {
      return await this.#loadOne(worker);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return await this.#loadBare(
        worker,
        `The filter does not load: ${messageOf(error)}; until it does,`,
      );
    }
  }

  /** Makes a sandbox that does without the script, which is tried again later. */
  async #loadBare(worker: number, problem: string): Promise<Sandbox> {
    const { setup, log } = this.#plan;
    log.error(`${problem} packets follow on_error = "${setup.onError}"`);
    const heir = await Sandbox.load(this.#plan, { ...setup, script: undefined, worker });
    heir.bare = this.#onError;
    this.#retryAtMs = performance.now() + RETRY_MS;
    return heir;
  }

  /** What becomes of packets that the filter cannot decide about. */
  get #onError(): number {
    return this.#plan.setup.onError === "pass" ? Mode.PASS : Mode.DROP;
  }

  /** Whether a sandbox works without a script. */
  #isBare({ bare }: Sandbox): boolean {
    return bare !== undefined || this.#plan.setup.script === undefined;
  }
}
