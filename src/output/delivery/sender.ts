/**
 * The sender's loop: connects, sends the rows in the spool, and reconnects when the connection is
 * lost.
 */

import { DeliveryCounters } from "../../buffer/delivery_counters.ts";
import { QUARANTINE } from "../../buffer/quarantine.ts";
import type { Batch } from "../../buffer/segment_batch.ts";
import { reasonOf } from "../../buffer/segment_folder.ts";
import { SegmentReader } from "../../buffer/segment_reader.ts";
import { OutputError } from "../../errors.ts";
import type { Counters } from "../../record/counters.ts";
import type { OutputLog } from "../output.ts";
import { isOpenChunk } from "./chunks.ts";
import { Following } from "./following.ts";
import type { DeliverySetup } from "./messages.ts";
import { Outage } from "./outage.ts";
import { quarantine } from "./quarantine.ts";
import { KNOWN, type Loaded, NOTHING, type Receiver, type ReceiverContext } from "./receiver.ts";
import { WaitingTime } from "./waiting_time.ts";

/** Timeout of a connection without progress during a batch, in milliseconds. */
const STALL_MS = 60_000;
/** Timeout of work on the table, in milliseconds. */
const TABLE_WORK_MS = 600_000;
/** Interval of syncs while rows are sent, in milliseconds. */
const SYNC_MS = 1000;
/** Interval of checks while nothing is spooled, in milliseconds. */
const IDLE_MS = 1000;
/** Pause until a segment is announced, in milliseconds. */
const TURN_MS = 5;
/** Time to continue sending after an urgent stop, in milliseconds. */
const STOP_MS = 10_000;
/** Most batches in a row that the server had already. */
const KNOWN_MOST = 3;
/** Number of connection attempts after the last rows were spooled. */
const STOP_TRIES = 5;

/** Reports of the sender beside the log. */
export interface SenderEvents {
  /** Called with the result of the first connection: why it is unusable, if it is. */
  onFirst(denied: string | undefined): void;
  /** Called with why rows are not sent, and without a text when they are again. */
  onProblem(message: string | undefined): void;
}

/** Sends the rows in a spool. */
export class Sender {
  readonly #setup: DeliverySetup;
  readonly #receiver: Receiver;
  readonly #log: OutputLog;
  readonly #events: SenderEvents;
  readonly #numbers: DeliveryCounters;
  readonly #reader: SegmentReader;
  /** Whether the first connection has no result yet. */
  #first = true;
  /** Whether the current connection works. */
  #connected = false;
  readonly #outage: Outage;
  #stopping = false;
  /** Time to stop even if rows are left, by `performance.now()`. */
  #stopMs = Infinity;
  /** Time to give up the connection unless there is progress, by `performance.now()`. */
  #deadlineMs = Infinity;
  readonly #waiting = new WaitingTime();
  #syncedEnd = 0;
  #syncedMs = -Infinity;
  #loggedSync: string | undefined;

  constructor(
    setup: DeliverySetup,
    makeReceiver: (context: ReceiverContext) => Receiver,
    log: OutputLog,
    events: SenderEvents,
  ) {
    this.#setup = setup;
    this.#log = log;
    this.#events = events;
    this.#outage = new Outage(log, (message) => events.onProblem(message));
    this.#numbers = new DeliveryCounters(setup.numbers);
    this.#receiver = makeReceiver({
      setup,
      log,
      onProgress: () => this.#setDeadline(STALL_MS),
      quarantine: (batch, refused) => this.#quarantine(batch, refused),
    });
    const { folder, session, found } = setup;
    const [counters, warn] = [this.#numbers, log.warn];
    const { batchBytes } = this.#receiver;
    this.#reader = new SegmentReader({
      ...{ folder, session, found, counters, warn, isOpen: isOpenChunk },
      ...batchBytes !== undefined && { batchBytes },
    });
  }

  /** Reader of the spool, to which segments are added. */
  get reader(): SegmentReader {
    return this.#reader;
  }

  /**
   * Stops after the rows in the spool were sent while the receiver accepts them, and only for a
   * limited time if it is urgent.
   */
  stop(urgent: boolean): void {
    this.#stopping = true;
    if (urgent) this.#stopMs = Math.min(this.#stopMs, performance.now() + STOP_MS);
    this.#numbers.wakeReader();
  }

  /** Passes the counters of the process on to a receiver that takes them. */
  report(counters: Counters, output: string): void {
    this.#receiver.report?.(counters, output);
  }

  /** Sends until {@linkcode stop}. */
  async run(): Promise<void> {
    let isOver = false;
    while (!isOver && !this.#isDone()) {
      const stall = setInterval(() => this.#abortIfStalled(), 1000);
      try {
        await this.#connect();
        await this.#send();
      } catch (error) {
        isOver = await this.#failed(error);
      } finally {
        clearInterval(stall);
        await this.#receiver.close();
      }
    }
    this.#reader.close();
  }

  /** Returns whether to end: after {@linkcode stop}, when no rows or no time are left. */
  #isDone(): boolean {
    if (!this.#stopping) return false;
    return this.#reader.isEmpty || performance.now() > this.#stopMs;
  }

  async #connect(): Promise<void> {
    this.#setDeadline(TABLE_WORK_MS);
    this.#connected = false;
    await this.#receiver.connect();
    await this.#receiver.maintain();
    this.#connected = true;
    this.#begun();
  }

  /** Sends batches until the end. */
  async #send(): Promise<void> {
    const receiver = this.#receiver;
    let session: string | undefined;
    let position = NOTHING;
    let known = 0;
    while (!this.#isDone()) {
      this.#setDeadline(TABLE_WORK_MS);
      await receiver.maintain();
      if (!await this.#due()) {
        if (this.#reader.isEmpty) this.#outage.end(receiver.where);
        continue;
      }
      if (session !== this.#reader.session) {
        session = this.#reader.session!;
        position = await receiver.position(session);
        this.#reader.skipTo(position);
        continue;
      }
      const { flushRows } = this.#setup;
      const batch = this.#reader.next(flushRows, this.#stopping);
      if (batch === undefined) {
        // The next segment's announcement is a message, which a resolved promise would not let in;
        // or a chunk is not whole.
        await pause(TURN_MS);
        continue;
      }
      const loaded = new Following(this.#reader, batch, flushRows);
      const outcome = await receiver.load(batch, position, loaded);
      if (outcome === KNOWN) {
        this.#warnKnown(++known);
        session = undefined;
        continue;
      }
      known = 0;
      this.#outage.end(receiver.where);
      if (loaded.to === batch.from) continue;
      position = loaded.to;
      this.#count(batch.session, loaded, outcome);
      this.#reader.arrived(loaded);
      if (this.#setup.sync && performance.now() >= this.#syncedMs + SYNC_MS) await this.#sync();
    }
    this.#setDeadline(TABLE_WORK_MS);
    await receiver.finish();
  }

  /** Logs that the server had a batch already; throws if that repeats, which must not happen. */
  #warnKnown(times: number): void {
    if (times > KNOWN_MOST) {
      throw new OutputError(
        this.#setup.tables.packet,
        `Cannot write rows to ${this.#receiver.where}: the server says that it had them already, but ` +
          "nfscribe_spools there does not; look for triggers and policies of that table",
      );
    }
    if (times === 1) this.#log.info("The server had a batch already: it is not sent twice");
  }

  /** Waits until rows are due, or other work may be; returns whether rows are. */
  async #due(): Promise<boolean> {
    const seen = this.#numbers.wakeUps;
    const waitedMs = this.#noteOldest();
    if (waitedMs !== undefined && this.#isWorthIt(waitedMs)) return true;
    if (this.#setup.sync) await this.#sync();
    if (waitedMs === undefined) {
      await this.#numbers.untilWoken(seen, IDLE_MS);
    } else {
      await pause(Math.min(this.#setup.flushMs - waitedMs, IDLE_MS) / 4);
    }
    return false;
  }

  /** Returns how long the oldest row has waited, in milliseconds, and publishes it. */
  #noteOldest(): number | undefined {
    const { oldestMs, session, isLive, position } = this.#reader;
    const waitedMs = this.#waiting.measure(
      oldestMs === undefined
        ? undefined
        : { session: session!, isLive, position, timeMs: oldestMs },
    );
    const sinceMs = waitedMs === undefined ? 0 : Date.now() - waitedMs;
    this.#numbers.set("oldestMs", Math.round(sinceMs));
    return waitedMs;
  }

  #isWorthIt(waitedMs: number): boolean {
    const { flushMs, flushRows } = this.#setup;
    return !this.#reader.isLive || waitedMs >= flushMs || this.#stopping ||
      this.#numbers.waiting >= flushRows;
  }

  async #sync(): Promise<void> {
    const end = this.#numbers.get("end");
    if (end === this.#syncedEnd) return;
    this.#syncedEnd = end;
    this.#syncedMs = performance.now();
    try {
      await this.#reader.sync();
      this.#noteSafe(end);
    } catch (error) {
      // Rows are sent nevertheless, from what the system has in memory.
      const { folder } = this.#setup;
      const warning = `Cannot sync the spool ${folder} to disk: ${reasonOf(error, folder)}; ` +
        "rows that wait there may not last a power failure";
      if (warning !== this.#loggedSync) this.#log.warn(warning);
      this.#loggedSync = warning;
    }
  }

  /** Notes up to where what this session has appended lasts a power failure. */
  #noteSafe(position: number): void {
    this.#numbers.set("safe", Math.max(this.#numbers.get("safe"), position));
  }

  #count(session: string, { to, records, bytes }: Following, outcome: Loaded): void {
    const { refused, repeated = 0, discarded = 0 } = outcome;
    if (discarded > 0) {
      this.#log.info("Rows of a message that was not received whole are left out: it comes again", {
        rows: discarded,
      });
    }
    const numbers = this.#numbers;
    const isOwn = session === this.#setup.session;
    numbers.add(isOwn ? "written" : "recovered", records - refused - repeated - discarded);
    if (isOwn) {
      numbers.add("bytes", bytes);
      numbers.add("refused", refused);
      numbers.add("repeated", repeated);
      numbers.add("discarded", discarded);
      this.#noteSafe(to);
    }
    numbers.add("quarantined", refused);
    numbers.add("batches", 1);
  }

  async #quarantine(batch: Batch, refused: Parameters<typeof quarantine>[3]): Promise<void> {
    const { folder, tables } = this.#setup;
    await quarantine(folder, tables, batch, refused, this.#log.warn);
    this.#log.warn(
      `The server refuses ${refused.length} of ${batch.records} rows; they are in ${folder}/${QUARANTINE}: ` +
        refused[0]!.problem.message,
    );
  }

  /** Handles a failure; returns whether to give up for good. */
  async #failed(error: unknown): Promise<boolean> {
    const problem = this.#receiver.explain(error, this.#connected ? "write rows" : "connect");
    const mayWait = problem.kind === "away" || this.#receiver.waitsAtStart === true;
    const isUnusable = this.#first && !mayWait;
    this.#begun(isUnusable ? problem.message : undefined);
    if (isUnusable) return true;
    this.#numbers.add("retries", 1);
    await this.#backOff(this.#outage.fail(problem.message));
    return this.#stopping && (this.#stopMs !== Infinity || this.#outage.failures > STOP_TRIES);
  }

  /** Waits before the next attempt. */
  async #backOff(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    while (performance.now() < until && this.#stopMs === Infinity) {
      await pause(Math.min(100, until - performance.now()));
      this.#noteOldest();
      if (this.#setup.sync) await this.#sync();
    }
  }

  #begun(denied?: string): void {
    if (this.#first) this.#events.onFirst(denied);
    this.#first = false;
  }

  #abortIfStalled(): void {
    if (performance.now() > this.#deadlineMs) this.#receiver.abort();
  }

  /** Sets a timeout for progress of the connection. */
  #setDeadline(forMs: number): void {
    this.#deadlineMs = performance.now() + forMs;
  }
}

/** Waits, at least so long that messages and timers have a turn. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(1, ms)));
}
