/**
 * Output in the daemon: takes encoded records, buffers them and passes them to a writer. A slow,
 * full or broken output does not delay the others.
 */

import { messageOf } from "../../errors.ts";
import {
  type MetricFamily,
  noStats,
  type Writer,
  type WriterProblem,
} from "../../output/output.ts";
import { BusyError } from "../../output/remote/failure.ts";
import type { Counters, OutputStats } from "../../record/counters.ts";
import type { Loss } from "../../record/loss.ts";
import type { Origin } from "../../record/origin.ts";
import { Backlog } from "../../buffer/backlog.ts";
import { FormerDeliveries } from "./former_deliveries.ts";
import { drop, keep } from "./leftovers.ts";
import { Marks } from "./marks.ts";
import type { BufferedOutputOptions } from "./options.ts";
import { Refusals } from "./refusals.ts";
import { Reopening } from "./reopening.ts";
import { Retry } from "./retry.ts";
import type { Batch } from "../../buffer/memory_queue.ts";

/** Time of writing the queue before other work has a turn, in milliseconds. */
const TURN_MS = 20;

/** Writes records and counts them. */
export class BufferedOutput {
  /** The output's name. */
  readonly name: string;
  readonly #plan: BufferedOutputOptions;
  readonly #stats: OutputStats = noStats();
  readonly #backlog: Backlog;
  readonly #backoff: Retry;
  #writer: Writer;
  readonly #former = new FormerDeliveries();
  readonly #marks = new Marks();
  /** Packets that could not be written, without those that the format cannot hold. */
  #unwritten = 0;
  /** Packets of former runs that were written from the spool. */
  #recovered = 0;
  #pumping: Promise<void> | undefined;
  #room = Promise.withResolvers<void>();
  #gone: Error | undefined;
  #isClosed = false;
  readonly #reopening: Reopening;
  #expedited = false;
  readonly #end = Promise.withResolvers<void>();
  #isOver = false;
  readonly #refusals: Refusals;
  /** Timer of the next write of collected records. */
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /** Starts to write records that wait in the spool. */
  constructor(plan: BufferedOutputOptions) {
    this.name = plan.name;
    this.#plan = plan;
    this.#writer = plan.writer;
    this.#backlog = new Backlog(plan.queueSize, plan.spool, plan.writer.isRemote);
    this.#backoff = new Retry(plan.log);
    this.#refusals = new Refusals(plan.log, plan.quarantine);
    this.#reopening = new Reopening(plan.log);
    if (!this.#backlog.isEmpty) this.#pump();
  }

  /** Counters so far. */
  get stats(): OutputStats {
    const stats = this.#former.addedTo(this.#stats, this.#writer);
    return {
      ...stats,
      failed: stats.failed + this.#unreadable,
      spooled: stats.spooled + this.#backlog.packets,
    };
  }

  /** Packets that could have been written and were not. */
  get lost(): number {
    return this.#unwritten + this.#unreadable + this.stats.dropped;
  }

  /** Packets on disk that could not be read back. */
  get #unreadable(): number {
    return this.#plan.spool?.lost ?? 0;
  }

  /** Additional figures, by name. */
  get figures(): Record<string, number> {
    const { spool } = this.#plan;
    const ours = spool && { spool_bytes: spool.bytes, recovered: this.#recovered };
    return { ...this.#writer.figures?.(), ...ours };
  }

  /** Metrics that /metrics shows beside the counters. */
  get metrics(): readonly MetricFamily[] {
    return this.#writer.metrics ?? [];
  }

  /** Error that ends the output; undefined while it can be written or retried. */
  get gone(): Error | undefined {
    return this.#gone;
  }

  /** Current problem; undefined if there is none. */
  get problem(): string | undefined {
    return this.#gone?.message ?? this.#backoff.problem;
  }

  /** Problem of a writer that delivers later. */
  get writerProblem(): WriterProblem | undefined {
    return this.#writer.problem;
  }

  /** Packets that wait to be delivered, but for those that are gathered in memory. */
  get waiting(): number {
    const queued = this.#pumping === undefined ? 0 : this.#backlog.packets;
    return queued + (this.#writer.delivery?.spooled ?? 0);
  }

  /** Tells the writer the counters of the process. */
  readonly report = (counters: Counters): void => this.#writer.report?.(counters, this.name);

  /** Adds packets without a record: the format cannot hold them, or the filter sent them elsewhere. */
  count({ unfit, filtered }: { unfit: number; filtered: number }): void {
    this.#stats.failed += unfit;
    this.#stats.filtered += filtered;
  }

  /** Number of the first chunk that is neither safe nor dropped by policy; Infinity for none. */
  get firstWaiting(): number {
    return this.#gone === undefined ? this.#marks.firstWaiting(this.#passed) : Infinity;
  }

  get #passed(): number {
    return this.#writer.chunks?.safe ?? this.#backlog.passed;
  }

  /** Begins a chunk: what it takes until the end is part of it. */
  beginChunk(): void {
    this.#writer.chunks?.begin();
  }

  /** Ends a chunk; numbers grow. */
  endChunk(origin: Origin, number: number): void | Promise<void> {
    const { chunks } = this.#writer;
    if (this.#isOver) this.#marks.freeze(this.#passed);
    if (chunks === undefined || this.#isOver) this.#marks.add(number, this.#backlog.end);
    else return chunks.end(origin).then((place) => this.#marks.add(number, place));
  }

  /** Notes lost packets before the next records, if the format has that; may return as `take()`. */
  noteLoss(loss: Loss): void | Promise<void> {
    if (this.#writer.lost === undefined || this.#gone !== undefined) return;
    // Such a writer's queue is empty: losses and records go into its spool in their order.
    if (this.#writer.chunks !== undefined) {
      return this.#isOver ? undefined : this.#writer.lost(loss);
    }
    try {
      this.#backlog.pushLoss(loss);
    } catch (error) {
      this.#fail(error);
    }
    this.#pump();
  }

  /**
   * Reopens its file, as after a rotation by another program: now, or between two writes. A pipe is
   * not reopened.
   */
  async reopen(): Promise<void> {
    if (this.#writer.isStream === true || this.#writer.reopen === undefined) return;
    this.#reopening.isDue = true;
    if (this.#pumping === undefined) await this.#reopening.run(this.#writer);
  }

  /** Limits waiting: a stop has begun. */
  expedite(): void {
    this.#expedited = true;
    this.#pump();
    this.#writer.hurry?.();
    this.#backoff.expedite();
  }

  /** Stops immediately and counts queued packets as dropped. */
  stopNow(): void {
    this.#isOver = true;
    this.expedite();
    this.#end.resolve();
    this.#makeRoom();
  }

  /**
   * Takes whole records. Returns a promise only if the sources have to wait; the bytes must stay
   * valid until it resolves.
   */
  take(bytes: Uint8Array, batch: Batch): void | Promise<void> {
    if (this.#gone !== undefined) return this.#failed(batch);
    if (this.#isOver) {
      this.#stats.dropped += batch.packets;
      return;
    }
    const mayTry = this.#plan.sync && this.#writer.isStream !== true && this.#backlog.isEmpty &&
      this.#backoff.isDue;
    if (!mayTry) return this.#put(bytes, batch);
    try {
      const writing = this.#writer.write(bytes, batch.packets);
      if (writing === undefined) return this.#written(bytes.length, batch);
      return writing.then(
        () => this.#written(bytes.length, batch),
        (error) => this.#unwritable(error, bytes, batch),
      );
    } catch (error) {
      this.#unwritable(error, bytes, batch);
    }
  }

  /**
   * Writes the queue and closes the writer. Packets that cannot be written stay in the spool or are
   * counted.
   */
  async close(): Promise<void> {
    while (this.#mayPump) {
      this.#pump();
      await Promise.race([this.#pumping, this.#end.promise]);
      if (this.#expedited && this.#backoff.problem !== undefined) break;
    }
    this.#isOver = true;
    this.#keepOrDrop();
    // A blocked reader must not delay the stop; settled promises are handled first.
    const turn = new Promise((resolve) => setTimeout(resolve, 0));
    await Promise.race([this.#pumping, this.#end.promise, turn]);
    if (this.#pumping === undefined) await this.#closeWriter();
  }

  /** Keeps queued packets in the spool, or counts them as dropped. */
  #keepOrDrop(): void {
    clearTimeout(this.#gathering);
    keep(this.#backlog, this.#plan.log);
    if (this.#backlog.passed < this.#backlog.end) this.#marks.freeze(this.#passed);
    this.#stats.dropped += drop(this.#backlog, this.#plan);
  }

  /** Appends records to the queue; without room, the output's policy applies. */
  #put(bytes: Uint8Array, batch: Batch): void | Promise<void> {
    const { blocks, sync } = this.#plan;
    // The duration of the failure is unknown: without a spool nothing is queued for it.
    if (!this.#isPatient && !this.#backoff.isDue) return this.#failed(batch);
    let isTaken = false;
    try {
      isTaken = this.#backlog.push(bytes, batch);
    } catch (error) {
      this.#fail(error);
    }
    if (!isTaken && blocks) return this.#putLater(bytes, batch);
    if (!isTaken) this.#stats.dropped += batch.packets;
    if (sync || this.#backlog.isWorthIt) this.#pumpSoon();
  }

  /** Whether records stay queued while they cannot be written. */
  get #isPatient(): boolean {
    return this.#plan.spool !== undefined || this.#writer.isRemote === true;
  }

  /** Writes the queue: at once if there is a whole batch, else when records were collected. */
  #pumpSoon(): void {
    const { gatherMs = 0 } = this.#writer;
    if (gatherMs === 0 || this.#backlog.isWorthIt || this.#expedited) return this.#pump();
    this.#gathering ??= setTimeout(() => this.#pump(), gatherMs);
  }

  async #putLater(bytes: Uint8Array, batch: Batch): Promise<void> {
    this.#pump();
    await this.#room.promise;
    return this.take(bytes, batch);
  }

  #makeRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }

  get #mayPump(): boolean {
    return !this.#backlog.isEmpty && !this.#isOver && this.#gone === undefined;
  }

  #pump(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#pumping === undefined && this.#mayPump) this.#pumping = this.#pumpAll();
  }

  /** Writes the queue in order. It is not empty at the start. */
  async #pumpAll(): Promise<void> {
    let turnMs = performance.now();
    while (this.#mayPump) {
      await this.#backoff.untilDue();
      await this.#reopening.run(this.#writer);
      try {
        if (this.#isClosed) await this.#openAgain();
        await this.#writeFirst();
      } catch (error) {
        this.#fail(error);
        // The next reader must not get the rest of the former one's records.
        if (this.#writer.isStream) await this.#closeWriter().catch(() => {});
        if (!this.#isPatient) this.#failed({ packets: this.#backlog.letGo(), emitted: 0 });
        if (this.#expedited) break;
      }
      this.#makeRoom();
      // Writers that do not wait resolve at once, which lets neither timers nor sources in.
      if (performance.now() - turnMs >= TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        turnMs = performance.now();
      }
    }
    if (this.#reopening.isDue) {
      await this.#reopening.run(this.#writer);
      return await this.#pumpAll();
    }
    // Synchronously: records that are queued from now on start a new pump.
    this.#pumping = undefined;
    this.#makeRoom();
  }

  async #writeFirst(): Promise<void> {
    const { first } = this.#backlog;
    // Unreadable records were counted by the spool.
    if (first === undefined) return;
    const { bytes, packets, emitted, loss, isOld } = first;
    let refused = 0;
    if (loss !== undefined) await this.#writer.lost?.(loss);
    else refused = await this.#refusals.write(this.#writer, bytes, packets);
    // stopNow() has counted these packets in the meantime.
    if (this.#isOver) return;
    this.#backlog.shift();
    if (isOld) this.#recovered += packets - refused;
    else {
      this.#written(bytes.length, { packets: packets - refused, emitted });
      this.#failed({ packets: refused, emitted: 0 });
    }
  }

  /** Reopens a pipe after its reader left. */
  async #openAgain(): Promise<void> {
    const { reopen } = this.#plan;
    const writer = await Promise.race([reopen!(), this.#end.promise]);
    if (writer === undefined) throw new Error("nfscribe is stopping");
    this.#former.add(this.#writer);
    this.#writer = writer;
    this.#isClosed = false;
  }

  /** Closes the writer, once. */
  async #closeWriter(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#refusals.close();
    await this.#writer.close();
  }

  #written(bytes: number, { packets, emitted }: Batch): void {
    this.#stats.written += packets;
    this.#stats.emitted += emitted;
    this.#stats.bytes += bytes;
    this.#backoff.succeed();
  }

  #unwritable(error: unknown, bytes: Uint8Array, batch: Batch): void | Promise<void> {
    this.#fail(error);
    if (this.#plan.spool === undefined) this.#failed(batch);
    else return this.#put(bytes, batch);
  }

  #failed({ packets }: Batch): void {
    this.#stats.failed += packets;
    this.#unwritten += packets;
  }

  #fail(error: unknown): void {
    const { reopen, spool } = this.#plan;
    const message = messageOf(error);
    if (this.#writer.isStream && reopen === undefined) {
      this.#gone = error instanceof Error ? error : new Error(message);
      return;
    }
    const place = spool === undefined ? "queue" : "spool";
    const fate = this.#isPatient ? `wait in the ${place}` : "are counted as failed";
    const leastMs = error instanceof BusyError ? error.retryAfterMs : 0;
    this.#backoff.fail(message, `its packets ${fate}`, leastMs);
  }
}
