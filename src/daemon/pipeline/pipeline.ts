/**
 * The daemon's loop: datagrams go into slots, slots to sandboxes, and what comes
 * back is counted and written, in the order in which it was received.
 *
 * @module
 */

import { type InFlightSlot, newInFlight } from "../pool/in_flight.ts";
import type { SandboxPool } from "../pool/pool.ts";
import type { Sandbox } from "../pool/sandbox.ts";
import { isPossible } from "../pool/slot_check.ts";
import { Awaited } from "../../sandbox/wakeup.ts";
import { Kind, Slot, State } from "../../sandbox/slot.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import type { Reader } from "../../source/source.ts";
import { Topology } from "./topology.ts";
import { Receiver } from "./receiver.ts";
import type { FilterStats } from "../telemetry/ledger.ts";
import type { LoopObserver, PipelineParts } from "./parts.ts";
import { IdleWait } from "./idle_wait.ts";

/**
 * How long to let packets gather before they are received, in milliseconds, as
 * network cards moderate interrupts: one wake-up then serves thousands of them.
 * The kernel's buffer holds those of ten, at full speed.
 */
const GATHER_MS = 8;
/** How long to go on without letting timers, messages and signals in, in milliseconds. */
const TURN_MS = 20;
/** How often sandboxes are looked after while they work, in milliseconds. */
const CHECK_MS = 100;
/** The same while nothing happens. */
const IDLE_CHECK_MS = 1000;

/** How long what is left may take after the end, without the script and without waiting for outputs, in milliseconds. */
const LAST_MS = 1000;

/** Why nothing is exchanged any more. */
const ENDS = "it is about to end";

/** An exchange of parts that is under way. */
interface Exchange {
  /** Readers that are emptied first: they come to their end. */
  leaving: ReadonlySet<Reader>;
  /** Makes the new parts; nothing is on its way then. */
  make: () => Promise<PipelineParts>;
  /** Whether the scripts that end were told so. */
  stopsDealt: boolean;
  done: PromiseWithResolvers<void>;
}

/** Moves packets from readers through sandboxes to outlets. */
export class Pipeline {
  /** What the filter decided. */
  readonly filter: FilterStats = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
  /** Slots on their way, in the order in which they are written. */
  readonly inFlight: InFlightSlot[] = [];
  readonly #idleWait: IdleWait = new IdleWait();
  readonly #onTrace: ((rows: TraceRow[]) => void) | undefined;
  /** Holds a copy of the words of the slot that is written. */
  #words: Slot = Slot.forCopies(0);
  readonly #receiver: Receiver = new Receiver({
    onFailure: (error) => this.#fail(error),
    wake: () => this.wake(),
  });
  #topology: Topology = new Topology([], []);
  #pool!: SandboxPool;
  #exchange: Exchange | undefined;
  /** The first source that failed, or the last output that is gone. */
  #failure: unknown;
  /** Nothing more comes from outside. */
  #draining = false;
  #stopsDealt = false;
  /** Sandboxes that are to be told of their end. */
  #stopping: Sandbox[] = [];
  /** Nothing is waited for any more. */
  #isOver = false;
  #last: ReturnType<typeof setTimeout> | undefined;
  #observer: LoopObserver | undefined;

  /** Moves nothing yet. Decisions about packets are traced where `onTrace` takes them, in order. */
  constructor(onTrace?: (rows: TraceRow[]) => void) {
    this.#onTrace = onTrace;
  }

  /** Its sources and outputs at the moment. */
  get topology(): Topology {
    return this.#topology;
  }

  /** Datagrams that were received and are not done. */
  get datagramsOnTheirWay(): number {
    return this.inFlight.reduce(
      (sum, { datagrams, counted }) => sum + datagrams.length - counted,
      0,
    );
  }

  /** Ends a pause of the loop: there is something to do. */
  wake(): void {
    this.#idleWait.wake();
  }

  /** From now on the end leaves sockets as they are, for the process that is handed them. */
  leave(): void {
    this.#receiver.leave();
  }

  /**
   * There is no going on: {@linkcode run} throws.
   *
   * @param error Why.
   */
  fail(error: unknown): void {
    this.#fail(error);
    this.#isOver = true;
    this.wake();
  }

  /**
   * Waits for nothing any more: what is left passes without the script, and is counted as
   * dropped where an output does not take it at once.
   */
  giveUp(): void {
    for (const buffered of this.#topology.outputs) buffered.giveUp();
    this.#pool?.skipScript();
    this.#last = setTimeout(() => {
      this.#isOver = true;
      this.wake();
    }, LAST_MS);
    this.wake();
  }

  /**
   * Exchanges sandboxes, sources and outputs between two packets: what was
   * received is decided and written by the old ones, and the kernel's buffers hold
   * what comes meanwhile.
   *
   * @param leaving Readers that come to their end; what they have queued is received first.
   * @param make Makes the new parts, once nothing is on its way.
   * @throws What `make` throws; the old parts then go on.
   */
  exchange(leaving: readonly Reader[], make: () => Promise<PipelineParts>): Promise<void> {
    if (this.#draining) return Promise.reject(new Error(ENDS));
    const done = Promise.withResolvers<void>();
    this.#exchange = { leaving: new Set(leaving), make, stopsDealt: false, done };
    // The group is given back: the next reader may want it.
    for (const reader of leaving) this.#receiver.stop(reader, false);
    this.wake();
    return done.promise;
  }

  /**
   * Runs until the signal is aborted, all sources have ended, or one of them or
   * an output fails; what has been logged until then is received, decided, and
   * written wherever that can be done.
   *
   * @param parts The sandboxes, sources and outputs to begin with.
   * @param signal Ends it.
   * @param pulse Told that the loop turns.
   * @throws {NetlinkError} If a socket fails.
   * @throws {OutputError} If no output can take anything any more.
   */
  async run(
    { pool, topology }: PipelineParts,
    signal: AbortSignal,
    observer?: LoopObserver,
  ): Promise<void> {
    this.#observer = observer;
    this.#take({ pool, topology });
    const onAbort = () => {
      for (const buffered of this.#topology.outputs) buffered.hurry();
      this.#pool.hurry();
      this.wake();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    let turnStartMs = performance.now();
    let checkedMs = turnStartMs;
    try {
      for (;;) {
        const written = await this.#writeBack();
        const received = this.#receive();
        const now = performance.now();
        observer?.beat(now);
        if (now - checkedMs > CHECK_MS || this.#idleWait.woken) {
          checkedMs = now;
          this.#pool.check(now);
        }
        this.#dealTicks(now);
        this.#dealStops();
        if (!this.#draining && this.#mustDrain(signal)) {
          this.#drain();
          for (const { reader } of this.#topology.sources) this.#receiver.stop(reader);
          continue;
        }
        if (this.#exchange !== undefined && !received) await this.#exchangeParts(this.#exchange);
        if (this.#draining && (this.#isOver || this.#isDrained(received))) {
          if (this.#failure !== undefined) throw this.#failure;
          return;
        }
        if (!received && !written) {
          await this.#rest(now);
          turnStartMs = performance.now();
        } else if (now - turnStartMs > TURN_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          turnStartMs = performance.now();
        }
        // Sandboxes work, and packets gather, while this thread sleeps.
        if (received || this.#idleWait.readable) this.#pause();
      }
    } finally {
      this.#drain();
      clearTimeout(this.#last);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** From now on nothing is exchanged. */
  #drain(): void {
    this.#draining = true;
    this.#exchange?.done.reject(new Error(ENDS));
    this.#exchange = undefined;
  }

  #take({ pool, topology }: PipelineParts): void {
    this.#pool = pool;
    this.#topology = topology;
    this.#words = Slot.forCopies(topology.outputs.length + (this.#onTrace === undefined ? 0 : 1));
  }

  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error("failed");
  }

  #mustDrain(signal: AbortSignal): boolean {
    const { gone } = this.#topology;
    if (gone !== undefined) this.#fail(gone);
    if (signal.aborted || this.#failure !== undefined) return true;
    return this.#exchange === undefined &&
      this.#topology.sources.every(({ reader }) => reader.ended);
  }

  /** Exchanges the parts, once nothing is on its way between them. */
  async #exchangeParts(exchange: Exchange): Promise<void> {
    if (this.inFlight.length > 0 || this.#stopping.length > 0 || this.#receiver.isEnding) return;
    if (!exchange.stopsDealt) {
      exchange.stopsDealt = true;
      this.stop(this.#pool.members);
      if (this.inFlight.length > 0) return;
    }
    try {
      this.#take(await exchange.make());
      exchange.done.resolve();
    } catch (error) {
      exchange.done.reject(error);
    }
    this.#exchange = undefined;
  }

  /** Tells scripts of the end once all is received; whether nothing is on its way any more. */
  #isDrained(received: boolean): boolean {
    if (received || this.#receiver.isEnding || !this.#hasRoom()) return false;
    if (!this.#stopsDealt) {
      if (this.#pool.members.some(({ free }) => free.length === 0)) return false;
      this.#stopsDealt = true;
      this.stop(this.#pool.members);
    }
    return this.inFlight.length === 0 && this.#stopping.length === 0;
  }

  /** Has the scripts of sandboxes told of their end, behind all that was dealt to them. */
  stop(sandboxes: readonly Sandbox[]): void {
    for (const sandbox of sandboxes) {
      sandbox.stopPending = sandbox.stops;
      if (sandbox.stops) this.#stopping.push(sandbox);
    }
    this.#dealStops();
  }

  #dealStops(): void {
    this.#stopping = this.#stopping.filter((sandbox) => {
      if (sandbox.free.length === 0) return true;
      this.deal(sandbox, Kind.STOP);
      sandbox.stopPending = false;
      return false;
    });
  }

  /** Hands a slot without datagrams to a sandbox that has one free. */
  deal(sandbox: Sandbox, kind: number): void {
    this.#send(newInFlight(sandbox, sandbox.free.shift()!, kind, []));
  }

  #send(inFlight: InFlightSlot): void {
    this.inFlight.push(inFlight);
    inFlight.sandbox.deal(inFlight);
  }

  #dealTicks(now: number): void {
    if (this.#stopsDealt) return;
    for (const sandbox of this.#pool.dueTicks(now)) this.deal(sandbox, Kind.TICK);
    for (const sandbox of this.#pool.members) {
      if (!sandbox.wantsSlot || sandbox.free.length === 0) continue;
      sandbox.wantsSlot = false;
      this.deal(sandbox, Kind.EVENTS);
    }
  }

  /** The sandbox with the fewest slots to work on, if any has a free one. */
  #leastBusy(): Sandbox | undefined {
    let best: Sandbox | undefined;
    for (const sandbox of this.#pool.members) {
      if (sandbox.free.length === 0) continue;
      if (best === undefined || sandbox.dealt.length < best.dealt.length) best = sandbox;
    }
    return best;
  }

  #hasRoom(): boolean {
    return this.#leastBusy() !== undefined;
  }

  /** Fills free slots with what is queued, until nothing is or no slot is free. */
  #receive(): boolean {
    const { sources } = this.#topology;
    let any = false;
    for (;;) {
      const sandbox = this.#leastBusy();
      if (sandbox === undefined) return any;
      const slot = sandbox.free[0]!;
      const datagrams = this.#receiver.fill(sources, this.#exchange?.leaving, slot);
      if (datagrams.length === 0) return any;
      any = true;
      sandbox.free.shift();
      this.#send(newInFlight(sandbox, slot, Kind.PACKETS, datagrams));
    }
  }

  /** Counts and writes what sandboxes gave back, in order; whether there was anything. */
  async #writeBack(): Promise<boolean> {
    let any = false;
    for (let first = this.inFlight[0]; first !== undefined; first = this.inFlight[0]) {
      const { sandbox, slot } = first;
      const { state } = slot;
      if (state !== State.FULL && state !== State.DONE) break;
      const words = this.#words;
      // From here on only the copy is looked at.
      words.copyFrom(slot);
      const topology = this.#topology;
      if (!isPossible(words, first, state, topology.outputs.length)) {
        sandbox.distrust(first);
        break;
      }
      any = true;
      for (const loss of topology.count(first, words, this.filter, state === State.DONE)) {
        topology.noteLoss(loss);
      }
      for (let output = 0; output < topology.outputs.length; output++) {
        const writing = topology.write(slot.areas[output]!, words, output);
        if (writing !== undefined) await (this.#observer?.during(writing) ?? writing);
      }
      this.#onTrace?.(topology.traces(slot, words));
      if (state === State.DONE) {
        this.inFlight.shift();
        sandbox.takeBack(first);
      } else {
        sandbox.resume(first);
      }
    }
    if (any) this.#observer?.written();
    return any;
  }

  /** Readers whose packets are received at the moment; the wait of one that has ended would end at once. */
  get #awaited(): Reader[] {
    const isEnding = this.#draining || this.#exchange !== undefined;
    if (isEnding && !this.#receiver.isEnding) return [];
    const leaving = this.#exchange?.leaving;
    return this.#topology.sources.map(({ reader }) => reader)
      .filter((reader) => !reader.ended && leaving?.has(reader) !== false);
  }

  /** Blocks this thread while packets gather, or until a sandbox cannot go on. */
  #pause(): void {
    this.#idleWait.readable = false;
    this.#pool.awaited = Awaited.FULL;
    if (this.inFlight[0]?.slot.state !== State.FULL) this.#pool.block(GATHER_MS);
    this.#pool.awaited = Awaited.NOTHING;
  }

  /** Waits until something is to be done. */
  async #rest(now: number): Promise<void> {
    const first = this.inFlight[0];
    const untilTick = Math.min(this.#pool.nextTickMs, this.#observer?.nextMs ?? Infinity) - now;
    const mostMs = first === undefined ? IDLE_CHECK_MS : CHECK_MS;
    if (first !== undefined) this.#pool.awaited = Awaited.ANY;
    const state = first?.slot.state;
    const isReady = state === State.FULL || state === State.DONE;
    await this.#idleWait.rest({
      timeoutMs: isReady ? 0 : Math.max(0, Math.min(mostMs, untilTick)),
      readers: this.#hasRoom() ? this.#awaited : [],
    });
    if (first !== undefined) this.#pool.awaited = Awaited.NOTHING;
  }
}
