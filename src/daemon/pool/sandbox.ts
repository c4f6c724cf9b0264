/**
 * Sandbox of the pipeline: takes slots and returns them, whichever process works on them. A process
 * that hangs or ends is replaced by another one, which continues in the same memory.
 */

import { messageOf } from "../../errors.ts";
import { Kind, Mode, type Slot, State } from "../../sandbox/slot.ts";
import {
  applyOnError,
  attributeFailure,
  type FailureKind,
  type InFlightSlot,
} from "./in_flight.ts";
import { type ProcessEvents, SandboxProcess } from "./process.ts";
import { Progress } from "./progress.ts";
import { Restarts } from "./restarts.ts";
import { loadError } from "./load_error.ts";
import type { SandboxPlan } from "./plan.ts";
import type { ScriptFiles } from "./script_files.ts";
import { ScriptUse } from "./script_use.ts";
import { SharedRing } from "./shared_ring.ts";

/**
 * Least time limit of a slot without a script, in milliseconds: `timeout_ms` is meant for scripts.
 */
const OWN_TIMEOUT_MS = 5000;
/** Time for the kernel to end a killed process, in milliseconds. */
const CLOSE_MS = 5000;
/**
 * Failures on a slot without a script after which its packets are dropped; after twice as many the
 * run fails.
 */
const ATTEMPTS_MAX = 5;

/** Sandbox of the pipeline. */
export class Sandbox {
  readonly free: Slot[];
  /** Dispatched slots in order. */
  readonly dispatched: InFlightSlot[] = [];
  /** Interval of `tick`, in milliseconds; undefined without one. */
  tickMs: number | undefined;
  /** Whether the script has a `stop` function. */
  stops = false;
  /** Whether the script's own lines wait for a slot. */
  wantsSlot = false;
  /** Whether `stop` has not been called yet. */
  stopPending = false;
  /** Error that ends the run; undefined if there is none. */
  fatal: Error | undefined;
  /** Its number within the pool. */
  readonly worker: number;
  /** Files of the script; undefined without one. */
  readonly files: ScriptFiles | undefined;
  readonly #plan: SandboxPlan;
  readonly #shared: SharedRing;
  readonly #use: ScriptUse;
  readonly #first = Promise.withResolvers<void>();
  #process: SandboxProcess | undefined;
  readonly #restarts = new Restarts();
  readonly #progress = new Progress();
  /** Whether a process has been ready. */
  #isLoaded = false;
  #isClosed = false;
  #closing = Promise.withResolvers<void>();
  /** Kind of the pending failure, if the process was killed for a timeout. */
  #endsBy: FailureKind = "failed";

  private constructor(plan: SandboxPlan, worker: number, files: ScriptFiles | undefined) {
    this.#plan = plan;
    this.worker = worker;
    this.files = files;
    const { outputs, script, trace } = plan.setup;
    this.#use = new ScriptUse(script !== undefined, trace);
    this.#shared = new SharedRing({ slots: plan.slots, areas: outputs.length + (trace ? 1 : 0) });
    this.free = [...this.#shared.ring.slots];
  }

  /**
   * Starts a sandbox and waits until its script is loaded and started.
   *
   * @param plan Options.
   * @param worker Its number within the pool.
   * @param files Files of the script; undefined without one.
   * @param ended Aborted when it is not needed any more.
   * @throws {ConfigError} If the script cannot be used; the message contains the position.
   * @throws {NetlinkError} If the system refuses a process.
   */
  static async load(
    plan: SandboxPlan,
    worker: number,
    files: ScriptFiles | undefined,
    ended: AbortSignal,
  ): Promise<Sandbox> {
    const sandbox = new Sandbox(plan, worker, files);
    const leave = () => sandbox.#process?.kill("nfscribe ends");
    ended.addEventListener("abort", leave);
    try {
      sandbox.#process = sandbox.#start();
      await sandbox.#first.promise;
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    } finally {
      ended.removeEventListener("abort", leave);
    }
  }

  /** Whether packets bypass the script. */
  get bypassesScript(): boolean {
    return this.#use.isBypassed;
  }

  /** Process id; undefined without a process. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Latest time of the next {@linkcode check}, in milliseconds; Infinity for any time. */
  get nextCheckMs(): number {
    return Math.min(this.#use.retryAtMs, this.#restarts.atMs);
  }

  /** Sets the slot event that this process waits for (`Awaited`). */
  set awaited(value: number) {
    this.#shared.ring.awaited = value;
  }

  /** Dispatches a filled slot. */
  dispatch(inFlight: InFlightSlot): void {
    if (this.bypassesScript && inFlight.kind === Kind.PACKETS) {
      applyOnError(inFlight, this.#plan.setup.onError);
    }
    inFlight.slot.state = State.DISPATCHED;
    this.dispatched.push(inFlight);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Resumes a slot whose full areas were written. */
  resume(inFlight: InFlightSlot): void {
    const { slot } = inFlight;
    this.#progress.resume();
    slot.clearResults();
    slot.state = State.DISPATCHED;
    if (inFlight.processEnded) this.#dispatchAgain(inFlight);
    else this.#shared.call();
  }

  /** Dispatches a slot to another process than the one that returned it, which has ended since. */
  #dispatchAgain(inFlight: InFlightSlot): void {
    inFlight.processEnded = false;
    if (this.bypassesScript) applyOnError(inFlight, this.#plan.setup.onError);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Reclaims a slot that is done. */
  reclaim(inFlight: InFlightSlot): void {
    this.dispatched.splice(this.dispatched.indexOf(inFlight), 1);
    inFlight.slot.state = State.FREE;
    this.free.unshift(inFlight.slot);
    const isProof = inFlight.kind === Kind.PACKETS && inFlight.mode === Mode.FILTER;
    if (isProof && !inFlight.hasFailed) this.#use.succeed();
  }

  /** Kills the process that wrote impossible results into a slot, unless it has ended. */
  rejectResults(inFlight: InFlightSlot): void {
    inFlight.slot.state = State.DISPATCHED;
    inFlight.hasInvalidResults = true;
    if (inFlight.processEnded) return this.#dispatchAgain(inFlight);
    this.#process?.kill("it wrote impossible numbers into the memory that it shares");
  }

  /** Bypasses the script after one failure from now on. */
  expedite(): void {
    this.#use.expedite();
  }

  /** Bypasses the script from now on. */
  bypassScript(): void {
    this.expedite();
    if (this.#use.isUsed && this.dispatched.length > 0) {
      this.#process?.kill("nfscribe ends, and does not wait for it any longer");
    }
  }

  /**
   * Checks that the process makes progress.
   *
   * @param nowMs Current time.
   * @param isLate Whether the last check was too long ago to detect a hang.
   * @param timeoutMs Time limit of a slot.
   */
  check(nowMs: number, isLate: boolean, timeoutMs: number): void {
    if (nowMs >= this.#restarts.atMs) this.#startAgain();
    if (nowMs >= this.#use.retryAtMs && this.#process?.isReady === true) {
      this.#use.retry();
      this.#process.kill(RETRY);
    }
    const process = this.#process;
    if (process?.isReady !== true) return;
    const mostMs = this.#use.isUsed
      ? timeoutMs
      : Math.max(timeoutMs, this.#plan.ownTimeoutMs ?? OWN_TIMEOUT_MS);
    if (this.#progress.stalledMs(this.#current, nowMs, isLate) > mostMs) {
      this.#endsBy = "timedOut";
      process.kill(`a batch takes longer than timeout_ms = ${mostMs}`);
    }
  }

  /** Reads all pending messages of the process. */
  drain(): void {
    this.#process?.drain();
  }

  /** Kills the process, and frees the memory after its exit. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#process?.kill("it is not needed any more");
    if (this.#process === undefined) this.#closing.resolve();
    const timer = setTimeout(() => this.#closing.resolve(), CLOSE_MS);
    await this.#closing.promise;
    clearTimeout(timer);
    // A process that has not ended may still write to the memory.
    this.#shared.close(this.#process === undefined);
  }

  /** First slot that is not done. */
  get #current(): InFlightSlot | undefined {
    return this.dispatched.find(({ slot }) => slot.state !== State.DONE);
  }

  /** Writes a slot's work into its words and dispatches it to the process. */
  #put(inFlight: InFlightSlot, process: SandboxProcess): void {
    const { slot, kind, mode, resume, skip, datagrams } = inFlight;
    // A sandbox may have forged the state while the slot waited for this process.
    slot.state = State.DISPATCHED;
    slot.clear(kind);
    slot.mode = mode;
    slot.resumeAt(resume.datagram, resume.position);
    if (skip !== undefined) slot.skip(skip.datagram, skip.position);
    for (const { source, offset, size, seconds, nanoseconds, interfaces } of datagrams) {
      const messages = process.sendInterfaces(source, interfaces);
      slot.addDatagram({ source, offset, size, seconds, nanoseconds, messages });
    }
    process.dispatch(this.#shared.ring.slots.indexOf(slot));
    this.#shared.call();
  }

  #start(): SandboxProcess {
    const { setup, seal, watch, sandboxLog } = this.#plan;
    const { ring, size, descriptor } = this.#shared;
    const script = this.#use.isUsed ? setup.script : undefined;
    ring.reset();
    this.#endsBy = "failed";
    this.#progress.reset();
    return new SandboxProcess({
      ring,
      size,
      memory: descriptor,
      start: {
        setup: { ...setup, script, worker: this.worker },
        seal: { ...seal(), parent: Deno.pid },
      },
      files: script === undefined ? undefined : this.files,
      watch,
      log: sandboxLog,
      entry: this.#plan.entry,
    }, this.#events);
  }

  readonly #events: ProcessEvents = {
    ready: (process, tickMs, stops) => {
      if (process !== this.#process) return;
      this.#isLoaded = true;
      this.#restarts.succeed();
      this.tickMs = tickMs;
      this.stops = stops;
      this.#first.resolve();
      for (const inFlight of this.dispatched) {
        if (!inFlight.slot.isReturned) this.#put(inFlight, process);
      }
      if (this.#use.takeRetried()) this.#plan.log.info("The filter's script is tried again");
      this.#plan.wake();
    },
    refused: (process, file, message) => {
      const error = loadError(file, message);
      this.#first.reject(error);
      if (this.#isLoaded) this.#disableScript(`The filter does not load: ${error.message}`);
      process.kill(NOT_USED);
    },
    ended: (process, reason, wasKilled) => {
      if (process !== this.#process) return;
      this.#process = undefined;
      if (this.#isClosed) return this.#closing.resolve();
      for (const inFlight of this.dispatched) {
        inFlight.processEnded = inFlight.slot.isReturned;
      }
      if (!this.#isLoaded) {
        const { script = "the sandbox" } = this.#plan.setup;
        return this.#first.reject(
          loadError(script, `the filter's sandbox cannot be started: ${reason}`),
        );
      }
      // A kill from outside before readiness is no failure of the script.
      const isFailure = reason !== RETRY && reason !== NOT_USED && !(wasKilled && !process.isReady);
      if (isFailure) this.#onFailure(reason);
      if (process.isReady) {
        this.#restarts.noteEnd();
        this.#startAgain();
      } else {
        this.#startLater(reason);
      }
      this.#plan.wake();
    },
    lines: () => {
      this.wantsSlot = true;
      this.#plan.wake();
    },
  };

  #startAgain(): void {
    this.#restarts.atMs = Infinity;
    if (this.#isClosed || this.fatal !== undefined) return;
    try {
      this.#process = this.#start();
    } catch (error) {
      const reason = messageOf(error);
      if (this.#restarts.isFirst) this.#plan.log.error(`${reason}; it is tried again`);
      this.#startLater(reason);
    }
  }

  #startLater(reason: string): void {
    if (this.#restarts.postpone()) this.#setFatal(reason);
  }

  /** Decides about the slots that a process left undone. */
  #onFailure(reason: string): void {
    const current = this.#current;
    const isDispatched = current !== undefined && !current.slot.isReturned;
    if (isDispatched && current.kind !== Kind.PACKETS) {
      // A tick or stop that failed is not repeated.
      current.slot.clear(current.kind);
      current.slot.state = State.DONE;
    }
    const use = this.#use;
    if (!use.isUsed) return this.#onOwnFailure(isDispatched ? current : undefined, reason);
    use.fail();
    this.#plan.log.error(`The filter's sandbox is replaced: ${reason}`, {
      in_a_row: use.failuresInRow,
    });
    if (isDispatched && current.kind === Kind.PACKETS) attributeFailure(current, this.#endsBy);
    if (use.mustBypass) {
      this.#disableScript(`The filter failed ${use.failuresInRow} times in a row`);
    }
  }

  /**
   * Handles a failure without a script, which is nfscribe's own or the system's: the batch is
   * dropped after some attempts.
   */
  #onOwnFailure(current: InFlightSlot | undefined, reason: string): void {
    this.#plan.log.error(`A sandbox without a script is replaced: ${reason}`);
    if (current === undefined) return;
    if (++current.attempts > 2 * ATTEMPTS_MAX) return this.#setFatal(reason);
    if (current.attempts <= ATTEMPTS_MAX) return;
    current.mode = Mode.DROP;
    current.failure = "failed";
  }

  #setFatal(reason: string): void {
    this.fatal = new Error(`Cannot go on: a sandbox fails without any filter, too: ${reason}`);
  }

  #disableScript(problem: string): void {
    const { setup, log } = this.#plan;
    const seconds = this.#use.bypass();
    log.error(
      `${problem}; packets follow on_error = "${setup.onError}", until it is tried again in ` +
        `${seconds} s`,
    );
    for (const inFlight of this.dispatched) {
      if (inFlight.kind === Kind.PACKETS && !inFlight.slot.isReturned) {
        applyOnError(inFlight, this.#plan.setup.onError);
      }
    }
  }
}

/** Reasons to replace a process by one with or without the script. */
const RETRY = "the script is tried again";
const NOT_USED = "its script cannot be used";
