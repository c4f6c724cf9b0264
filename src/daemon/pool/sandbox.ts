/**
 * A sandbox as the pipeline sees it: slots that are dealt and come back, whichever
 * process works on them. A process that hangs or ends is replaced by another one,
 * which goes on in the same memory.
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import { Kind, Mode, type Slot, State } from "../../sandbox/slot.ts";
import {
  attributeFailure,
  type FailureKind,
  type InFlightSlot,
  leaveOutScript,
} from "./in_flight.ts";
import { type ProcessEvents, SandboxProcess } from "./process.ts";
import { Progress } from "./progress.ts";
import { Restarts } from "./restarts.ts";
import { loadError } from "./load_error.ts";
import type { SandboxPlan } from "./plan.ts";
import type { ScriptFiles } from "./script_files.ts";
import { ScriptUse } from "./script_use.ts";
import { SharedRing } from "./shared_ring.ts";

/** How long a slot may take without a script at the least, in milliseconds: `timeout_ms` is meant for scripts. */
const OWN_TIMEOUT_MS = 5000;
/** How long the kernel may take to end a process, in milliseconds. */
const CLOSE_MS = 5000;
/** Failures on one slot, without a script, after which its packets are dropped; after twice as many there is no going on. */
const ATTEMPTS_MAX = 5;

/** A sandbox, ready to work. */
export class Sandbox {
  /** Slots that are free to be filled. */
  readonly free: Slot[];
  /** Slots that were dealt and are not taken back, in order. */
  readonly dealt: InFlightSlot[] = [];
  /** How often `tick` is wanted, in milliseconds. */
  tickMs: number | undefined;
  /** Whether the script has a `stop` function. */
  stops = false;
  /** Lines of the script's own wait for a slot. */
  wantsSlot = false;
  /** Whether `stop` is still to be called. */
  stopPending = false;
  /** Why there is no going on; undefined while there is hope. */
  fatal: Error | undefined;
  /** Its number among those that work together. */
  readonly worker: number;
  /** The files of its script; undefined without one. */
  readonly files: ScriptFiles | undefined;
  readonly #plan: SandboxPlan;
  readonly #shared: SharedRing;
  readonly #use: ScriptUse;
  readonly #first = Promise.withResolvers<void>();
  #process: SandboxProcess | undefined;
  readonly #restarts = new Restarts();
  readonly #progress = new Progress();
  /** Whether a first process has been ready. */
  #isLoaded = false;
  #isClosed = false;
  #closing = Promise.withResolvers<void>();
  /** How the process is about to end, where it was killed for taking too long. */
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
   * @param plan What it is made with.
   * @param worker Its number.
   * @param files The files of its script; undefined without one.
   * @param ended Aborted when it is not wanted any more.
   * @throws {ConfigError} If the script cannot be used; the message tells the place.
   * @throws {NetlinkError} If the system starts no process.
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

  /** Whether packets pass without the script, although there is one. */
  get isWithoutScript(): boolean {
    return this.#use.isLeftOut;
  }

  /** The process that works, for tests and figures; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** When {@linkcode check} is to be called at the latest, in milliseconds; Infinity for no matter when. */
  get nextCheckMs(): number {
    return Math.min(this.#use.retryAtMs, this.#restarts.atMs);
  }

  /** Sets the event that this process waits for (`Awaited`). */
  set awaited(value: number) {
    this.#shared.ring.awaited = value;
  }

  /** Deals a filled slot. */
  deal(inFlight: InFlightSlot): void {
    if (this.isWithoutScript && inFlight.kind === Kind.PACKETS) {
      leaveOutScript(inFlight, this.#plan.setup.onError);
    }
    inFlight.slot.state = State.DEALT;
    this.dealt.push(inFlight);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Has the sandbox go on with a slot whose full areas were written. */
  resume(inFlight: InFlightSlot): void {
    const { slot } = inFlight;
    this.#progress.goOn();
    slot.clearResults();
    slot.state = State.DEALT;
    if (!inFlight.isOrphan) return this.#shared.call();
    // The process that waits for it has ended since.
    inFlight.isOrphan = false;
    if (this.isWithoutScript) leaveOutScript(inFlight, this.#plan.setup.onError);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Takes a slot back that is done, to be filled again. */
  takeBack(inFlight: InFlightSlot): void {
    this.dealt.splice(this.dealt.indexOf(inFlight), 1);
    inFlight.slot.state = State.FREE;
    this.free.unshift(inFlight.slot);
    const isProof = inFlight.kind === Kind.PACKETS && inFlight.mode === Mode.FILTER;
    if (isProof && !inFlight.hasFailed) this.#use.succeed();
  }

  /** Ends the process that wrote impossible numbers into a slot. */
  distrust(inFlight: InFlightSlot): void {
    inFlight.slot.state = State.DEALT;
    inFlight.isDistrusted = true;
    this.#process?.kill("it wrote impossible numbers into the memory that it shares");
  }

  /** From now on one failure is enough to do without the script. */
  hurry(): void {
    this.#use.hurry();
  }

  /** Does without the script at once, for what is left. */
  skipScript(): void {
    this.hurry();
    if (this.#use.isUsed && this.dealt.length > 0) {
      this.#process?.kill("nfscribe ends, and does not wait for it any longer");
    }
  }

  /**
   * Looks whether the process gets on.
   *
   * @param nowMs The time.
   * @param isUnseen Whether the last look is too long ago to tell.
   * @param timeoutMs How long a slot may take.
   */
  check(nowMs: number, isUnseen: boolean, timeoutMs: number): void {
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
    if (this.#progress.look(this.#current, nowMs, isUnseen) > mostMs) {
      this.#endsBy = "timedOut";
      process.kill(`a batch takes longer than timeout_ms = ${mostMs}`);
    }
  }

  /** Reads all that it has said so far. */
  drain(): void {
    this.#process?.drain();
  }

  /** Ends it, and frees its memory once the process has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#process?.kill("it is not needed any more");
    if (this.#process === undefined) this.#closing.resolve();
    const timer = setTimeout(() => this.#closing.resolve(), CLOSE_MS);
    await this.#closing.promise;
    clearTimeout(timer);
    // A process that the kernel does not end yet may still write there.
    this.#shared.close(this.#process === undefined);
  }

  /** The first of its slots that is not done. */
  get #current(): InFlightSlot | undefined {
    return this.dealt.find(({ slot }) => slot.state !== State.DONE);
  }

  /** Writes into the slot's words what is to be done with it, and hands it to the process. */
  #put(inFlight: InFlightSlot, process: SandboxProcess): void {
    const { slot, kind, mode, resume, skip, datagrams } = inFlight;
    slot.clear(kind);
    slot.mode = mode;
    slot.resumeAt(resume.datagram, resume.position);
    if (skip !== undefined) slot.skip(skip.datagram, skip.position);
    for (const { source, offset, size, seconds, nanoseconds, interfaces } of datagrams) {
      const messages = process.tell(source, interfaces);
      slot.addDatagram({ source, offset, size, seconds, nanoseconds, messages });
    }
    process.deal(this.#shared.ring.slots.indexOf(slot));
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
      for (const inFlight of this.dealt) {
        if (inFlight.slot.state === State.DEALT) this.#put(inFlight, process);
      }
      if (this.#use.takeRetried()) this.#plan.log.info("The filter's script is tried again");
      this.#plan.wake();
    },
    refused: (process, file, message) => {
      const error = loadError(file, message);
      this.#first.reject(error);
      if (this.#isLoaded) this.#doWithoutScript(`The filter does not load: ${error.message}`);
      process.kill(NOT_USED);
    },
    ended: (process, reason, wasKilled) => {
      if (process !== this.#process) return;
      this.#process = undefined;
      if (this.#isClosed) return this.#closing.resolve();
      for (const inFlight of this.dealt) inFlight.isOrphan = inFlight.slot.state === State.FULL;
      if (!this.#isLoaded) {
        const { script = "the sandbox" } = this.#plan.setup;
        return this.#first.reject(
          loadError(script, `the filter's sandbox cannot be started: ${reason}`),
        );
      }
      // A kill from outside before it is ready says nothing about the script.
      const isFailure = reason !== RETRY && reason !== NOT_USED && !(wasKilled && !process.isReady);
      if (isFailure) this.#onFailure(reason);
      if (process.isReady) {
        this.#restarts.goDown();
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
    if (this.#restarts.postpone()) this.#giveUp(reason);
  }

  /** Decides what becomes of the slots that a process has left undone. */
  #onFailure(reason: string): void {
    const current = this.#current;
    const isDealt = current?.slot.state === State.DEALT;
    if (isDealt && current.kind !== Kind.PACKETS) {
      // A tick, or a stop, that failed once is not tried again.
      current.slot.clear(current.kind);
      current.slot.state = State.DONE;
    }
    const use = this.#use;
    if (!use.isUsed) return this.#onOwnFailure(isDealt ? current : undefined, reason);
    use.fail();
    this.#plan.log.error(`The filter's sandbox is replaced: ${reason}`, {
      in_a_row: use.failuresInRow,
    });
    if (isDealt && current.kind === Kind.PACKETS) attributeFailure(current, this.#endsBy);
    if (use.isUseless) {
      this.#doWithoutScript(`The filter failed ${use.failuresInRow} times in a row`);
    }
  }

  /** Without a script it is nfscribe's own work that failed, or the system: the batch is dropped at last. */
  #onOwnFailure(current: InFlightSlot | undefined, reason: string): void {
    this.#plan.log.error(`A sandbox without a script is replaced: ${reason}`);
    if (current === undefined) return;
    if (++current.attempts > 2 * ATTEMPTS_MAX) return this.#giveUp(reason);
    if (current.attempts <= ATTEMPTS_MAX) return;
    current.mode = Mode.DROP;
    current.failure = "failed";
  }

  #giveUp(reason: string): void {
    this.fatal = new Error(`Cannot go on: a sandbox fails without any filter, too: ${reason}`);
  }

  #doWithoutScript(problem: string): void {
    const { setup, log } = this.#plan;
    const seconds = this.#use.leaveOut();
    log.error(
      `${problem}; packets follow on_error = "${setup.onError}", until it is tried again in ` +
        `${seconds} s`,
    );
    for (const inFlight of this.dealt) {
      if (inFlight.kind === Kind.PACKETS && inFlight.slot.state === State.DEALT) {
        leaveOutScript(inFlight, this.#plan.setup.onError);
      }
    }
  }
}

/** Why a process ends that is to be replaced by one with the script, or one without. */
const RETRY = "the script is tried again";
const NOT_USED = "its script cannot be used";
