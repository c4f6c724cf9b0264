/**
 * A segment log beside a plain list of its frames. Everything that two threads, a kill and a power
 * failure can do to it happens in a random order, which a number fixes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DeliveryCounters } from "../../src/buffer/delivery_counters.ts";
import { FRAME_HEAD, type Segment, writeFrameHead } from "../../src/buffer/segment_format.ts";
import { SegmentLog } from "../../src/buffer/segment_log.ts";
import type { Batch } from "../../src/buffer/segment_batch.ts";
import { SegmentReader } from "../../src/buffer/segment_reader.ts";

/** A frame that was appended. */
interface Frame {
  id: number;
  session: string;
  /** Position behind it. */
  end: number;
  length: number;
  records: number;
}

/** Shared numbers whose changes by the writer can be watched. */
class WatchedCounters extends DeliveryCounters {
  onChange = () => {};

  override set(name: Parameters<DeliveryCounters["set"]>[0], value: number): void {
    this.onChange();
    super.set(name, value);
    this.onChange();
  }
}

/** The log, the list, and a receiver that stores how far it has each session. */
export class SegmentModel implements Disposable {
  /** Counts of rare events. */
  readonly seen = { frames: 0, batches: 0, kills: 0, torn: 0, late: 0, answersLost: 0 };
  readonly #folder: string;
  readonly #batchBytes: number | undefined;
  #seed: number;
  /** Frames that the receiver does not have, in order. */
  #pending: Frame[] = [];
  /** The frame that is being appended. */
  #current: Frame | undefined;
  readonly #positions = new Map<string, number>();
  #session = "";
  #counters = new WatchedCounters();
  /** The same numbers, seen by the reader's thread. */
  #received = new DeliveryCounters(this.#counters.shared);
  #log!: SegmentLog;
  #reader!: SegmentReader;
  /** The session whose position the reader has. */
  #told: string | undefined;
  /** Segments whose announcement is on its way. */
  #announced: Segment[] = [];
  /** Path and size of the file that grows, and the position of its first byte. */
  #last: { path: string; base: number } | undefined;
  readonly #files = new Set<Deno.FsFile>();
  readonly #openSync = Deno.openSync;
  readonly #writeSync = Deno.FsFile.prototype.writeSync;
  #isInside = false;

  constructor(folder: string, batchBytes: number | undefined, seed: number) {
    this.#folder = folder;
    this.#batchBytes = batchBytes;
    this.#seed = seed;
    Deno.openSync = (...args) => {
      const file = this.#openSync(...args);
      this.#files.add(file);
      return file;
    };
    const { random, read, writeSync } = {
      random: (below: number) => this.#random(below),
      read: () => this.#interleave(),
      writeSync: this.#writeSync,
    };
    Deno.FsFile.prototype.writeSync = function (bytes) {
      const count = writeSync.call(this, bytes.subarray(0, 1 + random(bytes.length)));
      read();
      return count;
    };
    this.#open();
  }

  /** Lets one thing happen. */
  step(): void {
    const choice = this.#random(1000);
    if (choice < 450) this.#append();
    else if (choice < 900) this.#receive();
    else if (choice < 950) this.#announce();
    else if (choice < 990) this.#log.endSegment();
    else this.#restart();
  }

  /** Receives all that is left, and compares the counts. */
  finish(): void {
    this.#announce();
    for (let round = 0; this.#pending.length > 0; round++) {
      assert(round < 10_000, `the reader gives no more of ${this.#pending.length} frames`);
      this.#receive();
    }
    this.#receive();
    this.#announce();
    assertEquals(this.#reader.next(1e9), undefined);
    assertEquals([this.#counters.waiting, this.#counters.get("lost")], [0, 0]);
    this.#reader.close();
    this.#log.close();
  }

  [Symbol.dispose](): void {
    Deno.openSync = this.#openSync;
    Deno.FsFile.prototype.writeSync = this.#writeSync;
    this.#closeFiles();
  }

  #open(): void {
    this.#session = crypto.randomUUID();
    this.#counters = new WatchedCounters();
    this.#told = undefined;
    this.#announced = [];
    this.#last = undefined;
    const warn = (message: string) => {
      // Nothing else is wrong with any file.
      assert(message.includes(" ends in the middle of a frame: "), message);
    };
    const common = { folder: this.#folder, session: this.#session, warn };
    this.#log = new SegmentLog({
      ...common,
      counters: this.#counters,
      suffix: ".rows",
      limit: 2 ** 40,
      onSegment: (segment) => {
        this.#announced.push(segment);
        this.#last = { path: `${this.#folder}/${segment.name}`, base: segment.base };
      },
    });
    const counters = this.#received = new DeliveryCounters(this.#counters.shared);
    const found = this.#log.found;
    const bound = this.#batchBytes === undefined ? {} : { batchBytes: this.#batchBytes };
    this.#reader = new SegmentReader({ ...common, counters, found, ...bound });
    this.#counters.onChange = () => this.#interleave();
  }

  #append(): void {
    const length = 1 + this.#random(this.#random(100) === 0 ? 500_000 : 300);
    const records = 1 + this.#random(Math.min(length, 50));
    const id = ++this.seen.frames;
    this.#current = { id, session: this.#session, end: 0, length, records };
    this.#log.write(new Uint8Array(length).fill(id), records, id);
    this.#appended();
    if (this.#random(2) === 0) this.#announce();
  }

  /** Adds the frame to the list that was just appended, unless it was received already. */
  #appended(): void {
    const frame = this.#current;
    this.#current = undefined;
    if (frame === undefined) return;
    frame.end = this.#counters.get("end");
    this.#pending.push(frame);
  }

  #announce(): void {
    for (const segment of this.#announced.splice(0)) this.#reader.add(segment);
  }

  /** Has the reader's thread do something while the writer's is within an operation. */
  #interleave(): void {
    if (this.#isInside || this.#random(4) > 0) return;
    this.#isInside = true;
    if (this.#random(3) === 0) this.#announce();
    else this.#receive();
    this.#isInside = false;
  }

  /** Reads a batch as the sender does; its answer may get lost, or its transaction fail. */
  #receive(): void {
    const { session } = this.#reader;
    if (session !== this.#told) {
      this.#told = session;
      if (session !== undefined) this.#reader.skipTo(this.#positions.get(session) ?? -1);
      return;
    }
    const batch = this.#reader.next(1 + this.#random(100));
    if (batch === undefined) return this.#compareEnd();
    // It has removed a session of which nothing was left.
    if (batch.session !== this.#told) return;
    this.seen.batches++;
    const count = this.#compare(batch);
    const [outcome, { isLive }] = [this.#random(10), this.#reader];
    if (outcome === 0) return;
    const taken = outcome < 3 ? 1 + this.#random(count) : count;
    const to = taken === count ? batch.to : batch.heads[taken - 1]!.end;
    this.#positions.set(batch.session, to);
    const records = this.#pending.splice(0, taken).reduce((sum, frame) => sum + frame.records, 0);
    if (outcome === 9) {
      this.seen.answersLost++;
      this.#told = undefined;
      return;
    }
    if (isLive) this.#received.add("written", records);
    this.#reader.arrived({ to });
  }

  /** Compares a batch with the list; returns how many frames it has. */
  #compare(batch: Batch): number {
    // The reader may be faster than the writer's last step.
    if (this.#pending.length < batch.frames.length) this.#appended();
    const expected = this.#pending.slice(0, batch.frames.length);
    assertEquals(
      batch.heads.map(({ tag, records, length }, index) => ({
        id: tag,
        session: batch.session,
        end: batch.heads[index]!.end,
        length,
        records,
      })),
      expected,
    );
    for (const [index, frame] of batch.frames.entries()) {
      assert(frame.every((byte) => byte === (expected[index]!.id & 0xff)));
    }
    return batch.frames.length;
  }

  /** Checks that nothing is left but what was not announced. */
  #compareEnd(): void {
    if (this.#announced.length > 0) this.seen.late++;
    const base = this.#announced[0]?.base ?? Infinity;
    const left = this.#pending.filter(({ session, end }) =>
      session !== this.#session || end <= base
    );
    assertEquals(this.#announced.length === 0 ? left : left.slice(0, 0), []);
  }

  /** Kills both threads, with a frame half written or the power going off, and starts them again. */
  #restart(): void {
    this.seen.kills++;
    this.#counters.onChange = () => {};
    this.#closeFiles();
    if (this.#last !== undefined) {
      if (this.#random(2) === 0) this.#tear(this.#last.path);
      else this.#cut(this.#last);
    }
    this.#open();
  }

  /** Leaves the first bytes of a frame that was being written. */
  #tear(path: string): void {
    const frame = new Uint8Array(FRAME_HEAD + 1 + this.#random(300)).fill(0x4e);
    writeFrameHead(frame, frame.subarray(FRAME_HEAD), 1, 1, Date.now());
    try {
      const file = Deno.readFileSync(path);
      const part = frame.subarray(0, this.#random(frame.length));
      const torn = new Uint8Array([...file, ...part]);
      this.#isInside = true;
      Deno.writeFileSync(path, torn);
      this.#isInside = false;
      if (part.length > 0) this.seen.torn++;
    } catch (error) {
      // Everything of it had arrived, and it was removed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Cuts off the end of a file at any byte, which a power failure can. */
  #cut({ path, base }: { path: string; base: number }): void {
    try {
      const { size } = Deno.statSync(path);
      const length = Math.max(0, size - this.#random(Math.min(size + 1, 1000)));
      Deno.truncateSync(path, length);
      this.#pending = this.#pending.filter(({ session, end }) =>
        session !== this.#session || end <= base + length
      );
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #closeFiles(): void {
    for (const file of this.#files) {
      try {
        file.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
    this.#files.clear();
  }

  #random(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(this.#seed / 2 ** 32 * below);
  }
}
