/**
 * Runs the daemon's loop: receives datagrams into slots, dispatches slots to sandboxes, counts and
 * writes the results in the order of reception.
 */

import { type InFlightSlot, newInFlight } from "../pool/in_flight.ts";
import { leastBusy } from "../pool/least_busy.ts";
import type { SandboxPool } from "../pool/pool.ts";
import type { Sandbox } from "../pool/sandbox.ts";
import { isPossible } from "../pool/slot_check.ts";
import { Awaited } from "../../sandbox/wakeup.ts";
import { Kind, Slot, State } from "../../sandbox/slot.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import type { Reader } from "../../source/source.ts";
import { Topology } from "./topology.ts";
import { Receiver, type Tap } from "./receiver.ts";
import type { FilterStats } from "../telemetry/ledger.ts";
import type { Exchange, LoopObserver, PipelineParts } from "./parts.ts";
import { Fence } from "./fence.ts";
import { IdleWait } from "./idle_wait.ts";
import { Pauses } from "./pauses.ts";

/** Longest time without handling timers, messages and signals, in milliseconds. */
const TURN_MS = 20;
/** Intervals between checks of sandboxes that work, and of idle ones, in milliseconds. */
const [CHECK_MS, IDLE_CHECK_MS] = [100, 1000];
/** Time after stop_timeout_ms, in which neither script nor outputs are awaited, in milliseconds. */
const LAST_MS = 1000;

/** Reason to reject a reload during a stop. */
const ENDS = "it is about to end";

/** Moves packets from readers through sandboxes to outputs. */
export class Pipeline {
  /** Counters of the filter. */
  readonly filter: FilterStats = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
  /** Slots in flight, in the order of their writing. */
  readonly inFlight: InFlightSlot[] = [];
  /** Datagrams that are acknowledged to their readers once they are safe. */
  readonly fence: Fence;
  readonly #idleWait: IdleWait = new IdleWait();
  readonly #onTrace: ((rows: TraceRow[]) => void) | undefined;
  /** Copy of the words of the slot that is being written. */
  #words: Slot = Slot.forCopies(0);
  readonly #receiver: Receiver = new Receiver({
    onFailure: (error) => this.#fail(error),
    wake: () => this.wake(),
  });
  #topology: Topology = new Topology([], []);
  #pool!: SandboxPool;
  #exchange: Exchange | undefined;
  /** Error of the first source that failed, or of the last output that became unusable. */
  #failure: unknown;
  /** Whether sources are stopped. */
  #draining = false;
  #stopsDispatched = false;
  /** Sandboxes whose scripts are to be stopped. */
  #stopping: Sandbox[] = [];
  /** Whether waiting has ended: the rest is dropped. */
  #isOver = false;
  #last: ReturnType<typeof setTimeout> | undefined;
  #observer: LoopObserver | undefined;
  readonly #pauses: Pauses = new Pauses();

  /** Creates a pipeline without parts; `onTrace` receives the decisions about packets in order. */
  constructor(onTrace?: (rows: TraceRow[]) => void, tap?: Tap) {
    this.#onTrace = onTrace;
    this.fence = new Fence(onTrace === undefined);
    this.#receiver.tap = tap;
  }

  /** Current sources and outputs. */
  get topology(): Topology {
    return this.#topology;
  }

  /** Wakes the loop. */
  wake(): void {
    this.#idleWait.wake();
  }

  /** Leaves sockets open at a stop, for the process that inherits them. */
  keepSockets(): void {
    this.#receiver.keepSockets();
  }

  /** Ends {@linkcode run}, which then throws the error. */
  fail(error: unknown): void {
    this.#fail(error);
    this.#isOver = true;
    this.wake();
  }

  /**
   * Stops without waiting: the remaining packets bypass the script, and are counted as dropped
   * where an output is not ready.
   */
  stopNow(): void {
    for (const buffered of this.#topology.outputs) buffered.stopNow();
    this.#pool?.bypassScript();
    this.#last = setTimeout(() => {
      this.#isOver = true;
      this.wake();
    }, LAST_MS);
    this.wake();
  }

  /**
   * Exchanges sandboxes, sources and outputs between two packets: the old parts decide and write
   * what was received; the kernel's buffers hold what arrives in the meantime.
   *
   * @param closing Readers to stop; their queued packets are received first.
   * @param make Opens the new parts, once no slot is in flight.
   * @throws The error of `make`; the old parts then stay.
   */
  exchange(closing: readonly Reader[], make: () => Promise<PipelineParts>): Promise<void> {
    if (this.#draining) return Promise.reject(new Error(ENDS));
    const done = Promise.withResolvers<void>();
    this.#exchange = { closing: new Set(closing), make, stopsDispatched: false, done };
    // Unbinds the group, which a new reader may need.
    for (const reader of closing) this.#receiver.stop(reader, false);
    this.wake();
    return done.promise;
  }

  /**
   * Runs until the signal is aborted, all sources have ended, or a source or the last output fails;
   * packets logged until then are received, decided and written if possible.
   *
   * @param parts Initial sandboxes, sources and outputs.
   * @param signal Stops the loop.
   * @param observer Called at each turn.
   * @throws {NetlinkError} If a socket fails.
   * @throws {OutputError} If no output can be written any more.
   */
  async run(
    { pool, topology }: PipelineParts,
    signal: AbortSignal,
    observer?: LoopObserver,
  ): Promise<void> {
    this.#observer = observer;
    this.#take({ pool, topology });
    const onAbort = () => {
      for (const buffered of this.#topology.outputs) buffered.expedite();
      this.#pool.expedite();
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
        observer?.ping(now);
        if (now - checkedMs > CHECK_MS || this.#idleWait.woken) {
          checkedMs = now;
          this.#pool.check(now);
        }
        if (!this.#draining) this.#topology.beginDecoders(this.#pool.members[0]?.pid);
        this.#dispatchTicks(now);
        this.#dispatchStops();
        if (!this.#draining && this.#mustDrain(signal)) {
          this.#drain();
          for (const { reader } of this.#topology.sources) this.#receiver.stop(reader);
          continue;
        }
        if (!received && this.inFlight.length === 0) {
          await this.#during(this.#topology.countDrops());
        }
        if (this.#exchange !== undefined && !received) await this.#exchangeParts(this.#exchange);
        if (this.#draining && (this.#isOver || this.#isDrained(received))) {
          if (this.#failure !== undefined) throw this.#failure;
          return;
        }
        if (!received && !written) {
          await this.#wait(now);
          turnStartMs = performance.now();
        } else if (now - turnStartMs > TURN_MS) {
          await this.#turn();
          turnStartMs = performance.now();
          continue;
        }
        // Sandboxes work, and packets accumulate, while this thread sleeps.
        if (received || this.#idleWait.readable) this.#pause();
      }
    } finally {
      this.#drain();
      clearTimeout(this.#last);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Rejects exchanges from now on. */
  #drain(): void {
    this.#draining = true;
    this.#exchange?.done.reject(new Error(ENDS));
    this.#exchange = undefined;
  }

  #take({ pool, topology }: PipelineParts): void {
    this.#pool = pool;
    this.#topology = topology;
    this.fence.take(topology);
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

  /** Exchanges the parts once no slot is in flight. */
  async #exchangeParts(exchange: Exchange): Promise<void> {
    if (this.inFlight.length > 0 || this.#stopping.length > 0 || this.#receiver.isEnding) return;
    if (!exchange.stopsDispatched) {
      exchange.stopsDispatched = true;
      this.stop(this.#pool.members);
      if (this.inFlight.length > 0) return;
    }
    this.fence.leave(exchange.closing);
    const { resolve, reject } = exchange.done;
    await exchange.make().then((parts) => this.#take(parts)).then(resolve, reject);
    this.#exchange = undefined;
  }

  /** Stops the scripts after the last packet; returns whether no slot is in flight any more. */
  #isDrained(received: boolean): boolean {
    if (received || this.#receiver.isEnding || !this.#hasRoom()) return false;
    if (!this.#stopsDispatched) {
      if (this.#pool.members.some(({ free }) => free.length === 0)) return false;
      this.#stopsDispatched = true;
      this.stop(this.#pool.members);
    }
    return this.inFlight.length === 0 && this.#stopping.length === 0;
  }

  /** Stops the scripts of sandboxes after the slots that were dispatched to them. */
  stop(sandboxes: readonly Sandbox[]): void {
    for (const sandbox of sandboxes) {
      sandbox.stopPending = sandbox.stops;
      if (sandbox.stops) this.#stopping.push(sandbox);
    }
    this.#dispatchStops();
  }

  #dispatchStops(): void {
    this.#stopping = this.#stopping.filter((sandbox) => {
      if (sandbox.free.length === 0) return true;
      this.dispatch(sandbox, Kind.STOP);
      sandbox.stopPending = false;
      return false;
    });
  }

  /** Dispatches a slot without datagrams to a sandbox that has a free one. */
  dispatch(sandbox: Sandbox, kind: number): void {
    this.#send(newInFlight(sandbox, sandbox.free.shift()!, kind, []));
  }

  #send(inFlight: InFlightSlot): void {
    this.inFlight.push(inFlight);
    inFlight.sandbox.dispatch(inFlight);
  }

  #dispatchTicks(now: number): void {
    if (this.#stopsDispatched) return;
    for (const sandbox of this.#pool.dueTicks(now)) this.dispatch(sandbox, Kind.TICK);
    for (const sandbox of this.#pool.members) {
      if (!sandbox.wantsSlot || sandbox.free.length === 0) continue;
      sandbox.wantsSlot = false;
      this.dispatch(sandbox, Kind.EVENTS);
    }
  }

  #hasRoom(): boolean {
    return leastBusy(this.#pool.members) !== undefined;
  }

  /** Receives into free slots until no datagram is queued or no slot is free. */
  #receive(): boolean {
    const { sources } = this.#topology;
    let any = false;
    this.#receiver.look(sources);
    for (;;) {
      const sandbox = leastBusy(this.#pool.members);
      if (sandbox === undefined) return any;
      const slot = sandbox.free[0]!;
      const isFirst = sandbox === this.#pool.members[0];
      const datagrams = this.#receiver.fill(sources, this.#exchange?.closing, slot, isFirst);
      if (datagrams.length === 0) return any;
      any = true;
      this.#pauses.count(datagrams.length);
      sandbox.free.shift();
      this.#send(newInFlight(sandbox, slot, Kind.PACKETS, datagrams));
    }
  }

  /** Counts and writes the results of sandboxes in order; returns whether there were any. */
  async #writeBack(): Promise<boolean> {
    let any = false;
    for (let first = this.inFlight[0]; first !== undefined; first = this.inFlight[0]) {
      const { sandbox, slot } = first;
      const { state } = slot;
      if (state !== State.FULL && state !== State.DONE) break;
      const words = this.#words;
      // The sandbox can still change the slot's words: only the copy is checked and used.
      words.copyFrom(slot);
      const topology = this.#topology;
      if (!isPossible(words, first, state, topology.outputs.length)) {
        sandbox.rejectResults(first);
        break;
      }
      any = true;
      if (first.origin !== undefined) topology.beginChunk(first);
      for (const loss of topology.count(first, words, this.filter, state === State.DONE)) {
        await this.#during(topology.noteLoss(loss));
      }
      for (let output = 0; output < topology.outputs.length; output++) {
        const writing = topology.write(slot.areas[output]!, words, output);
        if (writing !== undefined) await this.#during(writing);
      }
      this.#onTrace?.(topology.traces(slot, words));
      if (state === State.DONE) {
        if (first.origin !== undefined) await this.#during(this.fence.end(first, topology));
        this.inFlight.shift();
        sandbox.reclaim(first);
      } else {
        sandbox.resume(first);
      }
    }
    if (any) this.fence.advance();
    if (any) this.#observer?.written();
    return any;
  }

  /** Awaits outputs, which may be slow. */
  #during(work: void | Promise<void>): void | Promise<void> {
    return work && (this.#observer?.during(work) ?? work);
  }

  /** Readers to wait for; an ended reader would end the wait at once. */
  get #awaited(): Reader[] {
    const closing = this.#exchange?.closing;
    if ((this.#draining || closing !== undefined) && !this.#receiver.isEnding) return [];
    return this.#topology.sources.map(({ reader }) => reader)
      .filter((reader) => !reader.ended && closing?.has(reader) !== false);
  }

  /** Blocks this thread while packets accumulate, unless a source needs the event loop. */
  #pause(): void {
    this.#idleWait.readable = false;
    if (this.#topology.sources.some(({ reader }) => reader.needsEventLoop === true)) return;
    if (!this.#awaitSlot()) this.#pool.block(this.#pauses.begin(this.#topology.sources));
    this.#pool.awaited = Awaited.NOTHING;
  }

  /**
   * Pauses as {@linkcode #pause} does, while timers, signals and clients of the counters are
   * handled: Deno looks at its sockets only while it waits, and seldom in a turn without.
   */
  async #turn(): Promise<void> {
    const timeoutMs = this.#awaitSlot() ? 0 : this.#pauses.begin(this.#topology.sources);
    await this.#idleWait.wait({ timeoutMs, readers: [] });
    this.#pool.awaited = Awaited.NOTHING;
  }

  /** Awaits a slot that ends a pause; returns whether there is one already. */
  #awaitSlot(): boolean {
    // While no slot is free, packets do not accumulate in slots but get lost.
    const hasRoom = this.#hasRoom();
    this.#pool.awaited = hasRoom ? Awaited.FULL : Awaited.ANY;
    const first = this.inFlight[0]?.slot;
    return hasRoom ? first?.state === State.FULL : first?.isReturned === true;
  }

  /** Waits for the next event. */
  async #wait(now: number): Promise<void> {
    const first = this.inFlight[0];
    const untilTick = Math.min(this.#pool.nextTickMs, this.#observer?.nextMs ?? Infinity) - now;
    const mostMs = first === undefined ? IDLE_CHECK_MS : CHECK_MS;
    if (first !== undefined) this.#pool.awaited = Awaited.ANY;
    this.#pauses.interrupt();
    await this.#idleWait.wait({
      timeoutMs: first?.slot.isReturned === true ? 0 : Math.max(0, Math.min(mostMs, untilTick)),
      readers: this.#hasRoom() ? this.#awaited : [],
    });
    if (first !== undefined) this.#pool.awaited = Awaited.NOTHING;
  }
}
