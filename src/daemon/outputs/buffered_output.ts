/**
 * The privileged end of an output in the daemon: encoded records in, a writer
 * out. One that is slow, full, gone or broken holds up no other.
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import {
  noStats,
  type OutputLog,
  type OutputStats,
  statsOf,
  type Writer,
} from "../../output/output.ts";
import type { Loss } from "../../record/loss.ts";
import { Backlog } from "../../buffer/backlog.ts";
import { Retry } from "./retry.ts";
import type { DiskQueue } from "../../buffer/disk_queue.ts";
import type { Batch } from "../../buffer/memory_queue.ts";

/** What an outlet is made with. */
export interface BufferedOutputOptions {
  /** The output's name. */
  name: string;
  /** The open writer. */
  writer: Writer;
  /** Opens a pipe again whose reader has gone; undefined where nobody can come back. */
  reopen?: (() => Promise<Writer>) | undefined;
  /** Whether every batch is written at once. */
  sync: boolean;
  /** Whether the others wait where it is behind and its queue is full. */
  blocks: boolean;
  /** How much may wait in memory, in bytes. */
  queueSize: number;
  /** Where more may wait. */
  spool?: DiskQueue | undefined;
  /** Told when it fails, and when it is well again. */
  log: OutputLog;
}

/** Writes records and counts them. */
export class BufferedOutput {
  /** The output's name. */
  readonly name: string;
  readonly #plan: BufferedOutputOptions;
  readonly #stats: OutputStats = noStats();
  readonly #backlog: Backlog;
  readonly #backoff: Retry;
  #writer: Writer;
  /** Packets that could not be written; those that the format cannot hold are not among them. */
  #unwritten = 0;
  /** Packets of former runs that were written. */
  #recovered = 0;
  #pumping: Promise<void> | undefined;
  #room = Promise.withResolvers<void>();
  #gone: Error | undefined;
  #isClosed = false;
  #hurried = false;
  readonly #end = Promise.withResolvers<void>();
  #isOver = false;

  /** Joins a writer, a queue and the counters. */
  constructor(plan: BufferedOutputOptions) {
    this.name = plan.name;
    this.#plan = plan;
    this.#writer = plan.writer;
    this.#backlog = new Backlog(plan.queueSize, plan.spool);
    this.#backoff = new Retry(plan.log);
    if (!this.#backlog.isEmpty) this.#pump();
  }

  /** What has been counted so far. */
  get stats(): OutputStats {
    const stats = statsOf(this.#stats, this.#writer);
    return {
      ...stats,
      failed: stats.failed + this.#unreadable,
      spooled: stats.spooled + this.#backlog.packets,
    };
  }

  /** Packets that could have been written, and were not. */
  get lost(): number {
    return this.#unwritten + this.#unreadable + this.stats.dropped;
  }

  /** Packets that waited on disk and could not be read again. */
  get #unreadable(): number {
    return this.#plan.spool?.lost ?? 0;
  }

  /** Further figures, by name. */
  get figures(): Record<string, number> {
    const { spool } = this.#plan;
    const ours = spool && { spool_bytes: spool.bytes, recovered: this.#recovered };
    return { ...this.#writer.figures?.(), ...ours };
  }

  /** Why nothing can be written any more; undefined while there is hope. */
  get gone(): Error | undefined {
    return this.#gone;
  }

  /** What is wrong at the moment; undefined where it is well. */
  get problem(): string | undefined {
    return this.#gone?.message ?? this.#backoff.problem;
  }

  /** Counts packets that came to nothing before they were a record, each: how many more. */
  count({ unfit, filtered }: { unfit: number; filtered: number }): void {
    this.#stats.failed += unfit;
    this.#stats.filtered += filtered;
  }

  /** Notes that packets were lost before those that come next, where the format has a place for it. */
  noteLoss(loss: Loss): void {
    if (this.#writer.lost === undefined || this.#gone !== undefined) return;
    try {
      this.#backlog.pushLoss(loss);
    } catch (error) {
      this.#fail(error);
    }
    this.#pump();
  }

  /** Opens its file anew, as after it was moved away; a pipe has nothing to open, and may never be done. */
  async reopen(): Promise<void> {
    if (this.#writer.isStream === true) return;
    await this.#pumping;
    try {
      await this.#writer.reopen?.();
    } catch (error) {
      this.#plan.log.warn(`${messageOf(error)}; the file before stays in use`);
    }
  }

  /** The end is near: nothing may be waited for without end any more. */
  hurry(): void {
    this.#hurried = true;
    this.#writer.hurry?.();
    this.#backoff.hurry();
  }

  /** The end is here: what waits still is not waited for. */
  giveUp(): void {
    this.#isOver = true;
    this.hurry();
    this.#end.resolve();
    this.#makeRoom();
  }

  /**
   * Takes whole records. Returns a promise only where the others wait for it,
   * too; the bytes must stay until then.
   */
  take(bytes: Uint8Array, batch: Batch): void | Promise<void> {
    if (this.#gone !== undefined) return this.#failed(batch);
    if (this.#isOver) return this.#drop(batch.packets);
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
   * Writes what waits and closes the writer. What cannot be written stays in the
   * spool, or is counted.
   */
  async close(): Promise<void> {
    while (this.#mayPump) {
      this.#pump();
      await Promise.race([this.#pumping, this.#end.promise]);
      if (this.#hurried && this.#backoff.problem !== undefined) break;
    }
    this.#isOver = true;
    this.#leave();
    // Whoever takes nothing must not hold up the end.
    await Promise.race([this.#pumping, this.#end.promise, nextTurn()]);
    if (this.#pumping === undefined) await this.#closeWriter();
  }

  /** What waits is left to the next run, or counted. */
  #leave(): void {
    const { spool, log } = this.#plan;
    try {
      this.#backlog.keep();
    } catch (error) {
      log.warn(messageOf(error));
    }
    const inMemory = this.#backlog.letGo();
    if (inMemory > 0) {
      this.#drop(inMemory);
      log.warn("The output was not done when its time was over", { dropped: inMemory });
    }
    const spooled = spool === undefined ? 0 : spool.packets + spool.oldPackets;
    if (spooled > 0) log.warn("Packets wait in the spool: the next start writes them", { spooled });
    this.#backlog[Symbol.dispose]();
  }

  /** Puts records behind what waits; where there is no room, the policy says what happens. */
  #put(bytes: Uint8Array, batch: Batch): void | Promise<void> {
    const { spool, blocks, sync } = this.#plan;
    // Nobody knows when it is well again: without a spool nothing waits for that.
    if (spool === undefined && !this.#backoff.isDue) return this.#failed(batch);
    let isTaken = false;
    try {
      isTaken = this.#backlog.push(bytes, batch);
    } catch (error) {
      this.#fail(error);
    }
    if (!isTaken && blocks) return this.#putLater(bytes, batch);
    if (!isTaken) this.#drop(batch.packets);
    if (sync || this.#backlog.isWorthIt) this.#pump();
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
    if (this.#pumping === undefined && this.#mayPump) this.#pumping = this.#pumpAll();
  }

  /** Writes what waits, in order; there is something when it begins. */
  async #pumpAll(): Promise<void> {
    while (this.#mayPump) {
      await this.#backoff.untilDue();
      try {
        if (this.#isClosed) await this.#openAgain();
        await this.#writeFirst();
      } catch (error) {
        this.#fail(error);
        // What a reader has left in a pipe would be the next one's.
        if (this.#writer.isStream) await this.#closeWriter().catch(() => {});
        if (this.#plan.spool === undefined) this.#failAll();
        if (this.#hurried) break;
      }
      this.#makeRoom();
    }
    // At once: what is put there from now on finds nobody at work, and begins anew.
    this.#pumping = undefined;
    this.#makeRoom();
  }

  async #writeFirst(): Promise<void> {
    const { first } = this.#backlog;
    // What waited could not be read again.
    if (first === undefined) return;
    const { bytes, packets, emitted, loss, isOld } = first;
    if (loss !== undefined) await this.#writer.lost?.(loss);
    else await this.#writer.write(bytes, packets);
    // The time was over meanwhile, and these were counted.
    if (this.#isOver) return;
    this.#backlog.shift();
    if (isOld) this.#recovered += packets;
    else this.#written(bytes.length, { packets, emitted });
  }

  /** A pipe whose reader has gone takes another one. */
  async #openAgain(): Promise<void> {
    const { reopen } = this.#plan;
    const writer = await Promise.race([reopen!(), this.#end.promise]);
    if (writer === undefined) throw new Error("the end came first");
    this.#writer = writer;
    this.#isClosed = false;
  }

  /** Closes the writer, once. */
  async #closeWriter(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
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

  #drop(packets: number): void {
    this.#stats.dropped += packets;
  }

  /** Counts what waits in memory, and lets it go. */
  #failAll(): void {
    for (let first = this.#backlog.first; first !== undefined; first = this.#backlog.first) {
      this.#failed(first);
      this.#backlog.shift();
    }
  }

  #fail(error: unknown): void {
    const { reopen, spool } = this.#plan;
    const message = messageOf(error);
    if (this.#writer.isStream && reopen === undefined) {
      this.#gone = error instanceof Error ? error : new Error(message);
      return;
    }
    this.#backoff.fail(
      message,
      spool === undefined ? "its packets are counted as failed" : "its packets wait in the spool",
    );
  }
}

/** Lets what is settled already come first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
