/**
 * The daemon's loop: datagrams go into slots, slots to sandboxes, and what comes
 * back is counted and written, in the order in which it was received.
 *
 * @module
 */

import { Events } from "../sandbox/mailbox.ts";
import { Kind, type Slot, State } from "../sandbox/slot.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import type { Reader } from "../source/source.ts";
import { Ends } from "./ends.ts";
import { Intake } from "./intake.ts";
import type { Journey } from "./journey.ts";
import type { FilterStats } from "./ledger.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Parts, Pulse, Team } from "./parts.ts";
import { isSound } from "./sound.ts";
import { Waker } from "./waker.ts";

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

/** Why nothing is exchanged any more. */
const ENDS = "it is about to end";

/** An exchange of parts that is under way. */
interface Exchange {
  /** Readers that are emptied first: they come to their end. */
  leaving: ReadonlySet<Reader>;
  /** Makes the new parts; nothing is on its way then. */
  make: () => Promise<Parts>;
  /** Whether the scripts that end were told so. */
  stopsDealt: boolean;
  done: PromiseWithResolvers<void>;
}

/** Moves packets from readers through sandboxes to outlets. */
export class Pipeline {
  /** What the filter decided. */
  readonly filter: FilterStats = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
  /** Tells of slots that are given back. */
  readonly events: Events = new Events();
  /** Slots on their way, in the order in which they are written. */
  readonly journeys: Journey[] = [];
  readonly #waker: Waker = new Waker(this.events);
  readonly #intake: Intake = new Intake({
    onFailure: (error) => this.#fail(error),
    wake: () => this.wake(),
  });
  #ends: Ends = new Ends([], []);
  #team!: Team;
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
  #pulse: Pulse | undefined;

  /** Its sources and outputs at the moment. */
  get ends(): Ends {
    return this.#ends;
  }

  /** Datagrams that were received and are not done. */
  get datagramsOnTheirWay(): number {
    return this.journeys.reduce((sum, { tables, counted }) => sum + tables.length - counted, 0);
  }

  /** Ends a pause of the loop: there is something to do. */
  wake(): void {
    this.#waker.wake();
  }

  /** From now on the end leaves sockets as they are, for the process that is handed them. */
  leave(): void {
    this.#intake.leave();
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

  /** The end is here: what is on its way is left behind. */
  giveUp(): void {
    this.#isOver = true;
    for (const outlet of this.#ends.outlets) outlet.giveUp();
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
  exchange(leaving: readonly Reader[], make: () => Promise<Parts>): Promise<void> {
    if (this.#draining) return Promise.reject(new Error(ENDS));
    const done = Promise.withResolvers<void>();
    this.#exchange = { leaving: new Set(leaving), make, stopsDealt: false, done };
    // The group is given back: the next reader may want it.
    for (const reader of leaving) this.#intake.stop(reader, false);
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
  async run({ team, ends }: Parts, signal: AbortSignal, pulse?: Pulse): Promise<void> {
    this.#pulse = pulse;
    this.#team = team;
    this.#ends = ends;
    const onAbort = () => {
      for (const outlet of this.#ends.outlets) outlet.hurry();
      this.wake();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    let turnStartMs = performance.now();
    let checkedMs = turnStartMs;
    try {
      for (;;) {
        const seen = this.events.count;
        const { urgent } = this.events;
        this.#team.handOnOrphans(this.journeys);
        const written = await this.#writeBack();
        const received = this.#receive();
        const now = performance.now();
        pulse?.beat(now);
        if (now - checkedMs > CHECK_MS || this.#waker.woken) {
          checkedMs = now;
          this.#team.check(now);
        }
        this.#dealTicks(now);
        this.#dealStops();
        if (!this.#draining && this.#mustDrain(signal)) {
          this.#drain();
          for (const { reader } of this.#ends.sources) this.#intake.stop(reader);
          continue;
        }
        if (this.#exchange !== undefined && !received) await this.#exchangeParts(this.#exchange);
        if (this.#draining && (this.#isOver || this.#isDrained(received))) {
          if (this.#failure !== undefined) throw this.#failure;
          return;
        }
        if (!received && !written) {
          await this.#rest(now, seen);
          turnStartMs = performance.now();
        } else if (now - turnStartMs > TURN_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          turnStartMs = performance.now();
        }
        // Sandboxes work, and packets gather, while this thread sleeps.
        if (received || this.#waker.readable) this.#waker.pause(GATHER_MS, urgent);
      }
    } finally {
      this.#drain();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** From now on nothing is exchanged. */
  #drain(): void {
    this.#draining = true;
    this.#exchange?.done.reject(new Error(ENDS));
    this.#exchange = undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error("failed");
  }

  #mustDrain(signal: AbortSignal): boolean {
    const { gone } = this.#ends;
    if (gone !== undefined) this.#fail(gone);
    if (signal.aborted || this.#failure !== undefined) return true;
    return this.#exchange === undefined && this.#ends.sources.every(({ reader }) => reader.ended);
  }

  /** Exchanges the parts, once nothing is on its way between them. */
  async #exchangeParts(exchange: Exchange): Promise<void> {
    if (this.journeys.length > 0 || this.#stopping.length > 0 || this.#intake.isEnding) return;
    if (!exchange.stopsDealt) {
      exchange.stopsDealt = true;
      this.stop(this.#team.members);
      if (this.journeys.length > 0) return;
    }
    try {
      const { team, ends } = await exchange.make();
      this.#team = team;
      this.#ends = ends;
      exchange.done.resolve();
    } catch (error) {
      exchange.done.reject(error);
    }
    this.#exchange = undefined;
  }

  /** Tells scripts of the end once all is received; whether nothing is on its way any more. */
  #isDrained(received: boolean): boolean {
    if (received || this.#intake.isEnding || !this.#hasRoom()) return false;
    if (!this.#stopsDealt) {
      if (this.#team.members.some(({ free }) => free.length === 0)) return false;
      this.#stopsDealt = true;
      this.stop(this.#team.members);
    }
    return this.journeys.length === 0 && this.#stopping.length === 0;
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
      if (sandbox.ended !== undefined) return false;
      if (sandbox.free.length === 0) return true;
      this.deal(sandbox, Kind.STOP);
      sandbox.stopPending = false;
      return false;
    });
  }

  /** Hands a slot without datagrams to a sandbox that has one free. */
  deal(sandbox: Sandbox, kind: number): void {
    const slot = sandbox.free.shift()!;
    slot.clear(kind);
    this.#send(sandbox, slot, []);
  }

  #send(sandbox: Sandbox, slot: Slot, tables: InterfaceTable[]): void {
    const bare = sandbox.bare;
    if (bare !== undefined) slot.mode = bare;
    this.journeys.push({
      sandbox,
      slot,
      tables,
      counted: 0,
      resume: { datagram: 0, position: 0 },
      blame: bare === undefined ? undefined : "failed",
    });
    sandbox.deal(slot);
  }

  #dealTicks(now: number): void {
    if (this.#stopsDealt) return;
    for (const sandbox of this.#team.dueTicks(now)) this.deal(sandbox, Kind.TICK);
    for (const sandbox of this.#team.members) {
      if (!sandbox.wantsSlot || sandbox.free.length === 0) continue;
      sandbox.wantsSlot = false;
      this.deal(sandbox, Kind.EVENTS);
    }
  }

  /** The sandbox with the fewest slots to work on, if any has a free one. */
  #leastBusy(): Sandbox | undefined {
    let best: Sandbox | undefined;
    for (const sandbox of this.#team.members) {
      if (sandbox.free.length <= sandbox.owed || sandbox.ended !== undefined) continue;
      if (best === undefined || sandbox.dealt.length < best.dealt.length) best = sandbox;
    }
    return best;
  }

  #hasRoom(): boolean {
    return this.#leastBusy() !== undefined;
  }

  /** Fills free slots with what is queued, until nothing is or no slot is free. */
  #receive(): boolean {
    const { sources } = this.#ends;
    let any = false;
    for (;;) {
      const sandbox = this.#leastBusy();
      if (sandbox === undefined) return any;
      const slot = sandbox.free[0]!;
      slot.clear(Kind.PACKETS);
      const tables = this.#intake.fill(sources, this.#exchange?.leaving, sandbox, slot);
      if (tables.length === 0) return any;
      any = true;
      sandbox.free.shift();
      this.#send(sandbox, slot, tables);
    }
  }

  /** Counts and writes what sandboxes gave back, in order; whether there was anything. */
  async #writeBack(): Promise<boolean> {
    const team = this.#team;
    let any = false;
    for (let journey = this.journeys[0]; journey !== undefined; journey = this.journeys[0]) {
      const { sandbox, slot } = journey;
      const { state } = slot;
      if (state !== State.FULL && state !== State.DONE) break;
      if (!isSound(journey, this.#ends.sources.length, this.#ends.outlets.length)) {
        sandbox.ended ??= "it wrote impossible numbers into the memory that it shares";
        slot.state = State.DEALT;
        team.check(performance.now());
        break;
      }
      any = true;
      const ends = this.#ends;
      for (const loss of ends.count(journey, this.filter, state === State.DONE)) {
        ends.noteLoss(loss);
      }
      for (let output = 0; output < ends.outlets.length; output++) {
        const writing = ends.write(slot, output);
        if (writing !== undefined) await (this.#pulse?.during(writing) ?? writing);
      }
      if (state === State.DONE) {
        this.journeys.shift();
        sandbox.takeBack(slot);
      } else {
        sandbox.busySinceMs = performance.now();
        slot.clearResults();
        slot.state = State.DEALT;
      }
    }
    if (any) this.#pulse?.written();
    return any;
  }

  /** Readers whose packets are received at the moment. */
  get #awaited(): Reader[] {
    const isEnding = this.#draining || this.#exchange !== undefined;
    if (isEnding && !this.#intake.isEnding) return [];
    const leaving = this.#exchange?.leaving;
    return this.#ends.sources.map(({ reader }) => reader)
      .filter((reader) => leaving?.has(reader) !== false);
  }

  /** Waits until something is to be done. */
  async #rest(now: number, seen: number): Promise<void> {
    const busy = this.journeys.length > 0;
    const untilTick = Math.min(this.#team.nextTickMs, this.#pulse?.nextMs ?? Infinity) - now;
    await this.#waker.rest({
      timeoutMs: Math.max(0, Math.min(busy ? CHECK_MS : IDLE_CHECK_MS, untilTick)),
      readers: this.#hasRoom() ? this.#awaited : [],
      seen: busy ? seen : undefined,
    });
  }
}
