/**
 * A sandbox as the pipeline sees it: slots that are dealt and come back, whichever
 * process works on them. A process that hangs or ends is replaced by another one,
 * which goes on in the same memory.
 *
 * @module
 */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { makeSharedFile, SharedMemory } from "../../ffi/shared_memory.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { fromFileUrl } from "../file_url.ts";
import { Futex } from "../../ffi/futex.ts";
import { Ring, ringBytes, type RingSize } from "../sandbox/ring.ts";
import type { SandboxSetup, Seal } from "../sandbox/setup.ts";
import { Kind, Mode, NO_PACKET, type Slot, State } from "../sandbox/slot.ts";
import { type FailureKind, type InFlightSlot, isSamePlace, type PacketPlace } from "./in_flight.ts";
import { type ProcessEvents, SandboxProcess } from "./process.ts";
import { escaped } from "../escape.ts";
import type { LogSink, SandboxLog } from "./sandbox_log.ts";
import type { ScriptFiles } from "./script_files.ts";
import type { SandboxWatch } from "./watch.ts";

/** How long a script may take to load and start, in milliseconds. */
const LOAD_MS = 30_000;
/** Failures in a row after which packets pass without the script, and for how long, in milliseconds. */
const FAILURES_MAX = 3;
const WITHOUT_SCRIPT_MS = 10_000;
/** The same where decisions are traced, as by `nfscribe test`: what is wrong is looked for there. */
const TRACED_FAILURES_MAX = 20;
/** How long a slot may take without a script at the least, in milliseconds: `timeout_ms` is meant for scripts. */
const OWN_TIMEOUT_MS = 5000;
/**
 * How long to wait before a process is started again that could not be started, or that
 * ended before it was ready, in milliseconds: at first, and at the most.
 */
const START_AGAIN_MS = { first: 50, most: 1000 };
/** How long the kernel may take to end a process, in milliseconds. */
const CLOSE_MS = 5000;
/** How long there may be no process that is ready; then there is no going on. */
const DOWN_MS = 60_000;
/** Failures on one slot, without a script, after which its packets are dropped; after twice as many there is no going on. */
const ATTEMPTS_MAX = 5;

/** Options of sandboxes, the same for all of a pipeline. */
export interface SandboxPlan {
  /** Sources, outputs and script, without the number of the sandbox. */
  setup: Omit<SandboxSetup, "worker">;
  /** How it is sealed. */
  seal: () => Omit<Seal, "parent">;
  /** Slots of each. */
  slots: number;
  /** nfscribe's own messages. */
  log: LogSink;
  /** Takes what sandboxes say. */
  sandboxLog: SandboxLog;
  /** Waits for processes. */
  watch: SandboxWatch;
  /** Called when there is something to do. */
  wake(): void;
  /** The module that its processes run; a test has another one. */
  entry?: string;
  /** How long a slot may take without a script at the least, in milliseconds; a test has less. */
  ownTimeoutMs?: number;
}

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
  readonly #size: RingSize;
  readonly #memory: SharedMemory;
  readonly #descriptor: number;
  readonly #ring: Ring;
  readonly #futex: Futex;
  readonly #first = Promise.withResolvers<void>();
  #process: SandboxProcess | undefined;
  /** Whether the process has the script. */
  #hasScript: boolean;
  /** When to try the script again; Infinity while it is at work. */
  #retryAtMs = Infinity;
  /** Whether the next process that is ready has the script again. */
  #isRetried = false;
  /** When to start a process again that could not be started. */
  #startAtMs = Infinity;
  /** Whether a first process has been ready. */
  #isLoaded = false;
  #isClosed = false;
  #closing = Promise.withResolvers<void>();
  /** Failures since a slot was done with the script's help. */
  #failuresInRow = 0;
  /** Whether the end is near: one failure is enough then to do without the script. */
  #isHurried = false;
  /** How the process is about to end, where it was killed for taking too long. */
  #endsBy: FailureKind = "failed";
  /** The slot that it was last seen to work on, and since when it has not got on, in milliseconds. */
  #workingOn: InFlightSlot | undefined;
  #busySinceMs = 0;
  #startedMs = 0;
  /** Processes in a row that ended before they were ready, and since when there is none. */
  #failedStarts = 0;
  #downSinceMs = 0;

  private constructor(plan: SandboxPlan, worker: number, files: ScriptFiles | undefined) {
    this.#plan = plan;
    this.worker = worker;
    this.files = files;
    this.#hasScript = plan.setup.script !== undefined;
    const { outputs, trace } = plan.setup;
    this.#size = { slots: plan.slots, areas: outputs.length + (trace ? 1 : 0) };
    const bytes = ringBytes(this.#size);
    this.#descriptor = makeSharedFile("nfscribe sandbox", bytes);
    this.#memory = new SharedMemory(this.#descriptor, bytes);
    this.#ring = new Ring(this.#size, (offset, length) => this.#memory.part(offset, length));
    const { words, index } = this.#ring.bellWord;
    this.#futex = new Futex(words as Int32Array<ArrayBuffer>, index);
    this.free = [...this.#ring.slots];
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
    const timer = setTimeout(
      () => sandbox.#process?.kill(`it takes more than ${LOAD_MS / 1000} seconds to start`),
      LOAD_MS,
    );
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
      clearTimeout(timer);
      ended.removeEventListener("abort", leave);
    }
  }

  /** Whether packets pass without the script, although there is one. */
  get isWithoutScript(): boolean {
    return this.#plan.setup.script !== undefined && !this.#hasScript;
  }

  /** The process that works, for tests and figures; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** When {@linkcode check} is to be called at the latest, in milliseconds; Infinity for no matter when. */
  get nextCheckMs(): number {
    return Math.min(this.#retryAtMs, this.#startAtMs);
  }

  /** Sets the event that this process waits for (`Awaited`). */
  set awaited(value: number) {
    this.#ring.awaited = value;
  }

  /** Deals a filled slot. */
  deal(inFlight: InFlightSlot): void {
    if (this.isWithoutScript && inFlight.kind === Kind.PACKETS) this.#passWithoutScript(inFlight);
    inFlight.slot.state = State.DEALT;
    this.dealt.push(inFlight);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Has the sandbox go on with a slot whose full areas were written. */
  resume(inFlight: InFlightSlot): void {
    const { slot } = inFlight;
    this.#busySinceMs = performance.now();
    slot.clearResults();
    slot.state = State.DEALT;
    if (!inFlight.isOrphan) return this.#call();
    // The process that waits for it has ended since.
    inFlight.isOrphan = false;
    if (this.isWithoutScript) this.#passWithoutScript(inFlight);
    if (this.#process?.isReady === true) this.#put(inFlight, this.#process);
  }

  /** Takes a slot back that is done, to be filled again. */
  takeBack(inFlight: InFlightSlot): void {
    this.dealt.splice(this.dealt.indexOf(inFlight), 1);
    inFlight.slot.state = State.FREE;
    this.free.unshift(inFlight.slot);
    const isProof = inFlight.kind === Kind.PACKETS && inFlight.mode === Mode.FILTER;
    if (this.#hasScript && isProof && !inFlight.hasFailed) this.#failuresInRow = 0;
  }

  /** Ends a process that wrote what cannot be. */
  distrust(inFlight: InFlightSlot): void {
    inFlight.slot.state = State.DEALT;
    inFlight.isDistrusted = true;
    this.#process?.kill("it wrote impossible numbers into the memory that it shares");
  }

  /** From now on one failure is enough to do without the script. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Does without the script at once, for what is left. */
  skipScript(): void {
    this.hurry();
    if (this.#hasScript && this.#plan.setup.script !== undefined && this.dealt.length > 0) {
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
    if (nowMs >= this.#startAtMs) this.#startAgain();
    if (nowMs >= this.#retryAtMs && this.#process?.isReady === true) {
      this.#retryAtMs = Infinity;
      this.#isRetried = true;
      this.#hasScript = true;
      this.#failuresInRow = FAILURES_MAX - 1;
      this.#process.kill(RETRY);
    }
    const process = this.#process;
    if (process === undefined) return;
    if (!process.isReady) {
      if (this.#isLoaded && nowMs - this.#startedMs > LOAD_MS) {
        process.kill(`it takes more than ${LOAD_MS / 1000} seconds to start`);
      }
      return;
    }
    const current = this.#current;
    const mostMs = this.#hasScript && this.#plan.setup.script !== undefined
      ? timeoutMs
      : Math.max(timeoutMs, this.#plan.ownTimeoutMs ?? OWN_TIMEOUT_MS);
    if (current === undefined || current.slot.state === State.FULL) {
      this.#workingOn = undefined;
    } else if (current !== this.#workingOn || isUnseen) {
      this.#busySinceMs = nowMs;
      this.#workingOn = current;
    } else if (nowMs - this.#busySinceMs > mostMs) {
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
    this.#process?.close();
    if (this.#process === undefined) this.#closing.resolve();
    const timer = setTimeout(() => this.#closing.resolve(), CLOSE_MS);
    await this.#closing.promise;
    clearTimeout(timer);
    closeDescriptor(this.#descriptor);
    // A process that the kernel does not end yet may still write there.
    if (this.#process === undefined) this.#memory[Symbol.dispose]();
  }

  /** The first of its slots that is not done. */
  get #current(): InFlightSlot | undefined {
    return this.dealt.find(({ slot }) => slot.state !== State.DONE);
  }

  #call(): void {
    if (this.#ring.call()) this.#futex.wake();
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
    process.deal(this.#ring.slots.indexOf(slot));
    this.#call();
  }

  #start(): SandboxProcess {
    const { setup, seal, watch, sandboxLog } = this.#plan;
    const script = this.#hasScript ? setup.script : undefined;
    this.#ring.reset();
    this.#endsBy = "failed";
    this.#workingOn = undefined;
    this.#startedMs = performance.now();
    return new SandboxProcess({
      ring: this.#ring,
      size: this.#size,
      memory: this.#descriptor,
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
      this.#failedStarts = 0;
      this.tickMs = tickMs;
      this.stops = stops;
      this.#first.resolve();
      for (const inFlight of this.dealt) {
        if (inFlight.slot.state === State.DEALT) this.#put(inFlight, process);
      }
      if (this.#isRetried && this.#hasScript) {
        this.#isRetried = false;
        this.#plan.log.info("The filter's script is tried again");
      }
      this.#plan.wake();
    },
    refused: (process, file, message) => {
      const error = new ConfigError(pathOf(file), [{ key: "", message: printable(message) }]);
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
        return this.#first.reject(
          new ConfigError(pathOf(this.#plan.setup.script ?? "the sandbox"), [
            { key: "", message: `the filter's sandbox cannot be started: ${reason}` },
          ]),
        );
      }
      // What is killed from outside before it is ready says nothing about the script.
      const isFailure = reason !== RETRY && reason !== NOT_USED && !(wasKilled && !process.isReady);
      if (isFailure) this.#onFailure(reason);
      if (process.isReady) {
        this.#downSinceMs = performance.now();
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
    this.#startAtMs = Infinity;
    if (this.#isClosed || this.fatal !== undefined) return;
    try {
      this.#process = this.#start();
    } catch (error) {
      const reason = messageOf(error);
      if (this.#failedStarts === 0) this.#plan.log.error(`${reason}; it is tried again`);
      this.#startLater(reason);
    }
  }

  #startLater(reason: string): void {
    const now = performance.now();
    const { first, most } = START_AGAIN_MS;
    this.#startAtMs = now + Math.min(most, first * 2 ** this.#failedStarts++);
    if (now - this.#downSinceMs > DOWN_MS) this.#giveUp(reason);
  }

  /** Decides what becomes of the slots that a process has left undone. */
  #onFailure(reason: string): void {
    const { setup, log } = this.#plan;
    const current = this.#current;
    const isDealt = current?.slot.state === State.DEALT;
    this.#failuresInRow++;
    const hadScript = this.#hasScript && setup.script !== undefined;
    if (isDealt && current.kind !== Kind.PACKETS) {
      // A tick, or a stop, that failed once is not tried again.
      current.slot.clear(current.kind);
      current.slot.state = State.DONE;
    }
    if (!hadScript) return this.#onOwnFailure(isDealt ? current : undefined, reason);
    log.error(`The filter's sandbox is replaced: ${reason}`, { in_a_row: this.#failuresInRow });
    if (isDealt && current.kind === Kind.PACKETS) this.#blame(current);
    const most = setup.trace ? TRACED_FAILURES_MAX : FAILURES_MAX;
    if (this.#failuresInRow >= (this.#isHurried ? 1 : most)) {
      this.#doWithoutScript(`The filter failed ${this.#failuresInRow} times in a row`);
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

  /**
   * Finds the packet that the filter was asked about. One that took too long is not asked
   * about again; one at which the process ended has another try, since that may have had
   * any cause.
   */
  #blame(inFlight: InFlightSlot): void {
    inFlight.hasFailed = true;
    const packet = this.#askedPacket(inFlight);
    if (packet === undefined) return;
    if (this.#endsBy === "timedOut" || isSamePlace(packet, inFlight.suspect)) {
      inFlight.skip = { ...packet, failure: this.#endsBy };
    } else {
      inFlight.suspect = packet;
    }
  }

  /** The packet that the filter was asked about last and has not answered about: as the sandbox says, if that can be. */
  #askedPacket({ slot, datagrams, resume }: InFlightSlot): PacketPlace | undefined {
    const { askedDatagram: number, askedPosition: position } = slot;
    const datagram = datagrams[number];
    if (position === NO_PACKET || datagram === undefined || number < resume.datagram) {
      return undefined;
    }
    const { offset, size } = datagram;
    return position >= offset && position < offset + size
      ? { datagram: number, position }
      : undefined;
  }

  #doWithoutScript(problem: string): void {
    const { setup, log } = this.#plan;
    this.#hasScript = false;
    this.#retryAtMs = performance.now() + WITHOUT_SCRIPT_MS;
    log.error(
      `${problem}; packets follow on_error = "${setup.onError}", until it is tried again in ` +
        `${WITHOUT_SCRIPT_MS / 1000} s`,
    );
    for (const inFlight of this.dealt) {
      if (inFlight.kind === Kind.PACKETS && inFlight.slot.state === State.DEALT) {
        this.#passWithoutScript(inFlight);
      }
    }
  }

  #passWithoutScript(inFlight: InFlightSlot): void {
    if (inFlight.mode !== Mode.FILTER) return;
    inFlight.mode = this.#plan.setup.onError === "pass" ? Mode.PASS : Mode.DROP;
    inFlight.failure = "failed";
  }
}

/** Why a process ends that is to be replaced by one with the script, or one without. */
const RETRY = "the script is tried again";
const NOT_USED = "its script cannot be used";

/** A module's address as people know it: a path. */
function pathOf(address: string): string {
  try {
    return printable(fromFileUrl(address));
  } catch {
    // It is none.
    return printable(address);
  }
}

/** Any text, cut; a parser's message shows the place in lines of its own. */
function printable(text: string): string {
  return text.slice(0, 4000).split("\n").map(escaped).join("\n");
}
