/** The privileged half of the accounting source: reads all objects at intervals. */

import { WallClock } from "../../../ffi/clock.ts";
import { closeDescriptor, setCloseOnExec } from "../../../ffi/descriptor.ts";
import { makeMemoryFile, readMemoryFile, writeMemoryFile } from "../../../ffi/memory_file.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { messageOf, NetlinkError } from "../../errors.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import { adoptError } from "../netlink_reader.ts";
import { type Moment, NOTHING_QUEUED, type Reader } from "../source.ts";
import { renumbered } from "./answer.ts";
import { Names } from "./names.ts";
import { isWithout, ObjectReader, type Objects } from "./object_reader.ts";
import { type AccountingOptions, OBJECTS } from "./options.ts";
import {
  countIn,
  datagramsOf,
  decodeReading,
  encodeReading,
  joined,
  type Reading,
  sizeOf,
  withoutChosen,
} from "./reading.ts";
import type { ObjectKind } from "./request.ts";
import { OBJECTS_MAX } from "./tally.ts";

/** Bytes of a reading that is left to the next process: as many as a file in memory is read. */
const LEFT_MAX = 1024 * 1024 - 32;
/** Bytes of an object's message at the least: headers, both counts and a name. */
const OBJECT_LEAST = 52;
/** Readings in a row that may lack objects before a warning. */
const PARTIAL_MOST = 3;
const NOTHING: Objects = { datagrams: [], isWhole: true };

/** Counters do not refer to interfaces. */
const NO_INTERFACES = new InterfaceTable();

/** A datagram that waits to be received. */
interface Waiting {
  bytes: Uint8Array;
  /** The time of its reading. */
  time: Moment;
}

/**
 * Reads the objects of a network namespace. The last reading is in a file in memory, whose descriptor
 * a process leaves to the next one: that counts on from there.
 */
export class AccountingReader implements Reader {
  /** Always 0: the kernel keeps the counts. */
  readonly droppedDatagrams = 0;
  /** Always false: a source of counts never ends by itself. */
  readonly ended = false;
  /** Always true: one decoder must see all of a reading. */
  readonly isStateful = true;
  /** Counters do not refer to interfaces. */
  readonly interfaces: InterfaceTable = NO_INTERFACES;
  /** Time of the reading of the last datagram. */
  clock: Moment = { seconds: 0, nanoseconds: 0 };
  /** Whether another process left its last reading. */
  readonly isAdopted: boolean;
  readonly #now = new WallClock();
  readonly #objects: ObjectReader;
  readonly #warn: (message: string) => void;
  readonly #file: number;
  #options: AccountingOptions;
  #names: Names;
  #kinds: readonly ObjectKind[];
  #waiting: Waiting[] = [];
  /** The last reading; undefined if there is none. */
  #last: Reading | undefined;
  /** Number of the last reading; one process after another must not repeat it. */
  #sequence: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #problem = "";
  /** Readings in a row that may lack objects. */
  #partial = 0;
  #isWarnedOfMany = false;
  #wakeUp = Promise.withResolvers<void>();
  #closing: Promise<void> | undefined;

  private constructor(
    options: AccountingOptions,
    parts: { objects: ObjectReader; file: number; left: Reading | undefined },
    warn: (message: string) => void,
  ) {
    const { objects, file, left } = parts;
    this.#objects = objects;
    this.#file = file;
    this.#options = options;
    this.#names = new Names(options.names);
    this.#kinds = this.#kindsOf(options);
    this.#warn = warn;
    this.isAdopted = left !== undefined;
    this.#sequence = left?.sequence ?? Math.floor(Date.now() / 1000) >>> 0;
    this.#last = left;
  }

  /**
   * Reads the objects for the first time, or takes over another process's last reading.
   *
   * @param options Checked options.
   * @param warn Receives warnings about readings that fail.
   * @param inherited A file in memory that another process handed over; the reader owns it.
   * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
   */
  static async open(
    options: AccountingOptions,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<AccountingReader> {
    await using opened = new AsyncDisposableStack();
    const objects = opened.use(inNetworkNamespace(options.netns, () => ObjectReader.open()));
    const left = inherited === undefined ? undefined : readLeft(inherited, warn);
    const file = left === undefined ? makeMemoryFile("nfscribe-accounting") : inherited!;
    opened.defer(() => closeDescriptor(file));
    const reader = new AccountingReader(options, { objects, file, left }, warn);
    reader.#countFromNow();
    opened.move();
    reader.#schedule();
    return reader;
  }

  /** Datagrams that did not come from the kernel, which were skipped. */
  get foreign(): number {
    return this.#objects.foreign;
  }

  /**
   * Applies other options; counts go on from the last reading.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  adjust(options: AccountingOptions): void {
    this.#kinds = this.#kindsOf(options);
    this.#options = options;
    this.#names = new Names(options.names);
    this.#countFromNow();
    this.#schedule();
  }

  /** Receives the next datagram of a reading. */
  receive(buffer: Uint8Array): number {
    const next = this.#waiting.shift();
    if (next === undefined) return NOTHING_QUEUED;
    buffer.set(next.bytes);
    this.clock = next.time;
    return next.bytes.length;
  }

  /** Waits for a reading, or until {@linkcode wake}. */
  async wait(): Promise<void> {
    if (this.#waiting.length > 0) return;
    await this.#wakeUp.promise;
    this.#wakeUp = Promise.withResolvers();
  }

  /** Ends a wait. */
  wake(): void {
    this.#wakeUp.resolve();
  }

  /** Reads for the last time, so that what was counted until now has records. */
  stop(): void {
    if (this.#timer === undefined) return;
    this.#unschedule();
    this.#read();
  }

  /** The file with the last reading, to hand it over. */
  get descriptor(): number {
    return this.#file;
  }

  /** Reads for the last time: the next process counts on from there. */
  leave(): void {
    this.stop();
  }

  /** Reads at intervals again: no other process has taken over. */
  resume(): void {
    this.#schedule();
  }

  /** Closes socket and file. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes socket and file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#unschedule();
    this.#wakeUp.resolve();
    closeDescriptor(this.#file);
    await this.#objects[Symbol.asyncDispose]();
  }

  #schedule(): void {
    this.#unschedule();
    this.#timer = setInterval(() => this.#readNext(), this.#options.intervalSeconds * 1000);
  }

  #unschedule(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Returns the kinds of objects to read: those that were asked for, or that the kernel has.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  #kindsOf({ objects }: AccountingOptions): readonly ObjectKind[] {
    const failures: unknown[] = [];
    const kinds = (objects ?? OBJECTS).filter((kind) => {
      try {
        this.#objects.read(kind, 0);
        return true;
      } catch (error) {
        const mayLack = objects === undefined && error instanceof NetlinkError;
        if (!mayLack || !isWithout(error.errno)) throw error;
        failures.push(error);
        return false;
      }
    });
    if (kinds.length === 0) throw failures[0];
    return kinds;
  }

  /** Adds the objects of kinds that the last reading lacks, so that their counts begin now. */
  #countFromNow(): void {
    if (this.#options.reset) return;
    const last = this.#last ?? this.#take([], () => NOTHING);
    const added = this.#kinds.filter((kind) => !last.kinds.includes(kind));
    if (added.length === 0) return;
    const sequence = this.#sequence = (this.#sequence + 1) >>> 0;
    const all = added.map((kind) => this.#objects.read(kind, sequence));
    // A decoder that knows the last reading must not take this one for it.
    const before = last.datagrams.map((datagram) => renumbered(datagram, sequence));
    this.#keep({
      ...last,
      sequence,
      isWhole: last.isWhole && all.every(({ isWhole }) => isWhole),
      kinds: [...last.kinds, ...added],
      datagrams: joined([...before, ...all.flatMap(({ datagrams }) => datagrams)]),
    });
  }

  /** Reads the objects and queues what a decoder makes records of, unless the last reading waits still. */
  #readNext(): void {
    if (this.#waiting.length === 0) this.#read();
  }

  /** Reads the objects and queues what a decoder makes records of. */
  #read(): void {
    const { reset } = this.#options;
    let reading: Reading;
    try {
      reading = this.#take(
        this.#kinds,
        (kind, sequence) =>
          reset
            ? this.#objects.readAndReset(kind, this.#names, sequence)
            : this.#objects.read(kind, sequence),
      );
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem) this.#warn(`Counters are not read: ${problem}`);
      this.#problem = problem;
      return;
    }
    this.#problem = "";
    const datagrams = datagramsOf(reading, this.#last);
    this.#waiting.push(...datagrams.map((bytes) => ({ bytes, time: reading })));
    this.#complain(reading);
    // After a reset nothing is to be subtracted but from objects that were counted before without one.
    const left = reset && this.#last !== undefined
      ? withoutChosen(this.#last, this.#names, reading.sequence)
      : [];
    this.#keep(reset ? { ...reading, isWhole: true, datagrams: left } : reading);
    this.#wakeUp.resolve();
  }

  /** Warns of readings that go on to miss objects, and of more objects than a decoder knows. */
  #complain(reading: Reading): void {
    this.#partial = reading.isWhole ? 0 : this.#partial + 1;
    if (this.#partial === PARTIAL_MOST) {
      this.#warn(
        `The last ${PARTIAL_MOST} readings of counters may lack some, as objects are made and removed ` +
          "meanwhile; those are counted by a later reading, unless they are removed before. Change " +
          "the ruleset less often, or read one kind of objects (objects)",
      );
    }
    if (this.#options.reset || this.#isWarnedOfMany) return;
    if (sizeOf(reading) < OBJECTS_MAX * OBJECT_LEAST) return;
    const count = countIn(reading, this.#names);
    if (count <= OBJECTS_MAX) return;
    this.#isWarnedOfMany = true;
    this.#warn(
      `There are ${count} counters, of which nfscribe compares ${OBJECTS_MAX} with the last reading; ` +
        "records of the others have totals alone. Choose fewer by their names (names), or set each " +
        "to 0 as it is read (reset = true)",
    );
  }

  #take(
    kinds: readonly ObjectKind[],
    read: (kind: ObjectKind, sequence: number) => Objects,
  ): Reading {
    const sequence = this.#sequence = (this.#sequence + 1) >>> 0;
    this.#now.read();
    const { seconds, nanoseconds } = this.#now;
    const all = kinds.map((kind) => read(kind, sequence));
    return {
      ...{ sequence, seconds, nanoseconds, kinds },
      isWhole: all.every(({ isWhole }) => isWhole),
      datagrams: joined(all.flatMap(({ datagrams }) => datagrams)),
    };
  }

  /** Keeps a reading for the next one, and in the file for the next process. */
  #keep(reading: Reading): void {
    this.#last = reading;
    // A part of a reading would make its other objects look new.
    const isKept = sizeOf(reading) <= LEFT_MAX;
    writeMemoryFile(this.#file, isKept ? encodeReading(reading) : new Uint8Array(4));
  }
}

/** Reads the file that another process left; undefined, and closed, if it holds no reading. */
function readLeft(file: number, warn: (message: string) => void): Reading | undefined {
  try {
    if (!setCloseOnExec(file)) throw adoptError("it is not open");
    const reading = decodeReading(readMemoryFile(file));
    if (reading === undefined) throw adoptError("it holds no counts");
    return reading;
  } catch (error) {
    closeDescriptor(file);
    warn(
      `Counts do not go on from where another process left them: ${messageOf(error)}; ` +
        "what was counted in between has no record",
    );
    return undefined;
  }
}
