/**
 * The daemon's loop: datagrams go into slots, slots to sandboxes, and what comes
 * back is counted and written, in the order in which it was received.
 *
 * @module
 */

import { Events } from "../sandbox/mailbox.ts";
import { INPUT_SIZE } from "../sandbox/ring.ts";
import { DATAGRAMS_MAX, Kind, type Slot, State } from "../sandbox/slot.ts";
import type { Loss } from "../output/output.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "../source/source.ts";
import { type FilterStats, SourceLedger } from "./ledger.ts";
import type { Outlet } from "./outlet.ts";
import type { Journey } from "./journey.ts";
import type { Sandbox } from "./sandbox.ts";
import { isSound } from "./sound.ts";
import { Waker } from "./waker.ts";

/**
 * How long to let packets gather before they are received, in milliseconds, as
 * network cards moderate interrupts: one wake-up then serves hundreds of them.
 */
const GATHER_MS = 1;
/** How long to go on without letting timers, messages and signals in, in milliseconds. */
const TURN_MS = 10;
/** How often sandboxes are looked after while they work, in milliseconds. */
const CHECK_MS = 100;
/** The same while nothing happens. */
const IDLE_CHECK_MS = 1000;

/** A source of the pipeline. */
export interface PipelineSource {
  /** Its name. */
  name: string;
  /** Where datagrams come from. */
  reader: Reader;
}

/** What looks after sandboxes: makes new ones where they fail. */
export interface Team {
  /** The sandboxes that new slots go to. */
  readonly members: readonly Sandbox[];
  /** Looks for sandboxes that hang, ended or eat memory; called now and then. */
  check(nowMs: number): void;
  /** When it must be called again at the latest, for a sandbox's `tick`; Infinity for never. */
  readonly nextTickMs: number;
  /** Sandboxes whose `tick` is due; each is handed out once. */
  dueTicks(nowMs: number): Sandbox[];
  /** Moves what ended sandboxes have left undone to those that took their place. */
  handOnOrphans(journeys: readonly Journey[]): void;
}

/** Moves packets from readers through sandboxes to outlets. */
export class Pipeline {
  /** What the filter decided. */
  readonly filter: FilterStats = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
  /** What came in, by source. */
  readonly ledgers: readonly SourceLedger[];
  /** Tells of slots that are given back. */
  readonly events: Events = new Events();
  /** Slots on their way, in the order in which they are written. */
  readonly journeys: Journey[] = [];
  readonly #sources: readonly PipelineSource[];
  readonly #outlets: readonly Outlet[];
  readonly #waker: Waker;
  #team!: Team;
  /** The first source or output that failed. */
  #failure: unknown;
  readonly #broken = new Set<Reader>();
  /** Nothing more comes from outside. */
  #draining = false;
  #stopsDealt = false;
  /** Sandboxes that are to be told of their end. */
  #stopping: Sandbox[] = [];

  /**
   * Joins the privileged parts, which may be opened later.
   *
   * @param count How many sources there will be.
   */
  constructor(sources: readonly PipelineSource[], outlets: readonly Outlet[], count: number) {
    this.#sources = sources;
    this.#outlets = outlets;
    this.ledgers = Array.from({ length: count }, () => new SourceLedger());
    this.#waker = new Waker(this.events);
  }

  /** Ends a pause of the loop: there is something to do. */
  wake(): void {
    this.#waker.wake();
  }

  /**
   * Runs until the signal is aborted, all sources have ended, or one of them or
   * an output fails; what has been logged until then is received, decided, and
   * written wherever that can be done.
   *
   * @param team The sandboxes.
   * @param signal Ends it.
   * @throws {NetlinkError} If a socket fails.
   * @throws {OutputError} If an output fails.
   */
  async run(team: Team, signal: AbortSignal): Promise<void> {
    this.#team = team;
    const onAbort = () => {
      for (const outlet of this.#outlets) outlet.hurry();
      this.wake();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    let turnStartMs = performance.now();
    let checkedMs = turnStartMs;
    try {
      for (;;) {
        const seen = this.events.count;
        team.handOnOrphans(this.journeys);
        const written = await this.#writeBack();
        const received = this.#receive();
        const now = performance.now();
        if (now - checkedMs > CHECK_MS || this.#waker.woken) {
          checkedMs = now;
          team.check(now);
        }
        this.#dealTicks(now);
        this.#dealStops();
        if (!this.#draining && (signal.aborted || this.#failure !== undefined || this.#ended())) {
          this.#draining = true;
          this.#stopReaders();
          continue;
        }
        if (this.#draining && this.#isDrained(received)) {
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
        if (received || this.#waker.readable) this.#waker.pause(GATHER_MS);
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error("failed");
  }

  #stopReaders(): void {
    for (const { reader } of this.#sources) {
      if (this.#broken.has(reader)) continue;
      try {
        reader.stop();
      } catch (error) {
        this.#break(reader, error);
      }
    }
  }

  /** A reader that failed is left alone. */
  #break(reader: Reader, error: unknown): void {
    this.#broken.add(reader);
    this.#fail(error);
  }

  #ended(): boolean {
    return this.#sources.every(({ reader }) => reader.ended);
  }

  /** Tells scripts of the end once all is received; whether nothing is on its way any more. */
  #isDrained(received: boolean): boolean {
    if (received || !this.#hasRoom()) return false;
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
    let any = false;
    for (;;) {
      const sandbox = this.#leastBusy();
      if (sandbox === undefined) return any;
      const slot = sandbox.free[0]!;
      slot.clear(Kind.PACKETS);
      const tables = this.#fill(sandbox, slot);
      if (tables.length === 0) return any;
      any = true;
      sandbox.free.shift();
      this.#send(sandbox, slot, tables);
    }
  }

  #fill(sandbox: Sandbox, slot: Slot): InterfaceTable[] {
    const tables: InterfaceTable[] = [];
    let offset = 0;
    for (let source = 0; source < this.#sources.length; source++) {
      const { reader } = this.#sources[source]!;
      while (offset + DATAGRAM_MAX <= INPUT_SIZE && tables.length < DATAGRAMS_MAX) {
        const size = this.#receiveFrom(reader, slot.memory.bytes, offset);
        if (size === NOTHING_QUEUED) break;
        const { interfaces, clock: { seconds, nanoseconds } } = reader;
        const messages = sandbox.tell(source, interfaces);
        slot.addDatagram({ source, offset, size, seconds, nanoseconds, messages });
        tables.push(interfaces);
        offset += (size + 3) & ~3;
      }
    }
    return tables;
  }

  #receiveFrom(reader: Reader, memory: Uint8Array, offset: number): number {
    if (this.#broken.has(reader)) return NOTHING_QUEUED;
    try {
      return reader.receive(memory.subarray(offset, offset + DATAGRAM_MAX));
    } catch (error) {
      this.#break(reader, error);
      return NOTHING_QUEUED;
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
      if (!isSound(journey, this.#sources.length, this.#outlets.length)) {
        sandbox.ended ??= "it wrote impossible numbers into the memory that it shares";
        slot.state = State.DEALT;
        team.check(performance.now());
        break;
      }
      any = true;
      for (const loss of this.#count(journey, state === State.DONE)) await this.#noteLoss(loss);
      for (let output = 0; output < this.#outlets.length; output++) {
        try {
          const writing = this.#write(slot, output);
          if (writing !== undefined) await writing;
        } catch (error) {
          // Its packets are counted as failed; the other outputs get theirs.
          this.#fail(error);
        }
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
    return any;
  }

  #write(slot: Slot, output: number): void | Promise<void> {
    const outlet = this.#outlets[output]!;
    outlet.count({ unfit: slot.unfitOf(output), filtered: slot.filteredOf(output) });
    const length = slot.lengthOf(output);
    if (length === 0) return;
    const batch = { packets: slot.packetsOf(output), emitted: slot.emittedOf(output) };
    return outlet.take(slot.areas[output]!.subarray(0, length), batch);
  }

  async #noteLoss(loss: Loss): Promise<void> {
    for (const outlet of this.#outlets) {
      try {
        await outlet.lost(loss);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  /**
   * Takes in what a sandbox has counted since the slot was dealt or handed over last.
   *
   * @returns What was lost before the packets that are to be written.
   */
  #count(journey: Journey, done: boolean): Loss[] {
    const losses: Loss[] = [];
    const { slot, blame } = journey;
    const { passed, dropped, failed } = slot;
    if (blame !== undefined) {
      this.filter[blame] += passed + dropped + failed;
    } else {
      this.filter.passed += passed;
      this.filter.dropped += dropped;
      this.filter.failed += failed;
    }
    const finished = done ? journey.tables.length : slot.resumeDatagram;
    for (; journey.counted < finished; journey.counted++) {
      const source = slot.sourceOf(journey.counted);
      const ledger = this.ledgers[source]!;
      const before = ledger.lost;
      ledger.add(slot.reportOf(journey.counted));
      if (ledger.lost === before) continue;
      losses.push({
        source: this.#sources[source]!.name,
        packets: ledger.lost - before,
        seconds: slot.secondsOf(journey.counted),
        nanoseconds: slot.nanosecondsOf(journey.counted),
      });
    }
    if (!done) {
      journey.resume = { datagram: slot.resumeDatagram, position: slot.resumePosition };
    }
    return losses;
  }

  /** Waits until something is to be done. */
  async #rest(now: number, seen: number): Promise<void> {
    const busy = this.journeys.length > 0;
    const untilTick = this.#team.nextTickMs - now;
    await this.#waker.rest({
      timeoutMs: Math.max(0, Math.min(busy ? CHECK_MS : IDLE_CHECK_MS, untilTick)),
      readers: this.#draining || !this.#hasRoom() ? [] : this.#sources.map(({ reader }) => reader),
      seen: busy ? seen : undefined,
    });
  }
}
