/**
 * Parts of a pipeline without sockets, processes and files.
 *
 * A datagram's bytes are packets of one byte each; a fake sandbox hands them on as they are.
 *
 * @module
 */

import { BufferedOutput } from "../../../src/daemon/outputs/buffered_output.ts";
import { newSource, type PipelineSource } from "../../../src/daemon/pipeline/topology.ts";
import type { InFlightSlot } from "../../../src/daemon/pool/in_flight.ts";
import type { SandboxPool } from "../../../src/daemon/pool/pool.ts";
import type { Sandbox } from "../../../src/daemon/pool/sandbox.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { AREA_SIZE, INPUT_SIZE } from "../../../src/sandbox/ring.ts";
import { Kind, Slot, slotWords, State } from "../../../src/sandbox/slot.ts";
import { NOTHING_QUEUED, type Reader } from "../../../src/source/source.ts";
import { MemoryWriter } from "../../output/memory_writer.ts";

/** A reader that a test fills. */
export class FakeReader implements Reader {
  readonly foreign = 0;
  readonly droppedDatagrams = 0;
  bufferBytes = Infinity;
  /** Records that the kernel dropped; undefined where they have numbers. */
  lostRecords: number | undefined;
  readonly clock = { seconds: 1, nanoseconds: 2 };
  readonly interfaces: InterfaceTable = new InterfaceTable();
  ended = false;
  /** Names of the calls, in order. */
  readonly events: string[] = [];
  needsEventLoop = false;
  /** Thrown by the next call that receives. */
  error: Error | undefined;
  /** Promise that the stop waits for. */
  last: Promise<void> | undefined;
  readonly #queue: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();

  /** Queues datagrams, each with these bytes. */
  push(...datagrams: number[][]): this {
    this.#queue.push(...datagrams.map((bytes) => Uint8Array.from(bytes)));
    this.wake();
    return this;
  }

  /** Comes to its end behind what is queued. */
  end(): this {
    this.#ends = true;
    this.ended = this.#queue.length === 0;
    this.wake();
    return this;
  }
  #ends = false;

  receive(buffer: Uint8Array): number {
    if (this.error !== undefined) throw this.error;
    const next = this.#queue.shift();
    if (next === undefined) return NOTHING_QUEUED;
    this.ended = this.#ends && this.#queue.length === 0;
    buffer.set(next);
    return next.length;
  }

  async wait(): Promise<void> {
    if (this.#queue.length > 0 || this.ended) return;
    await this.#wake.promise;
  }

  wake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  stop(): void | Promise<void> {
    this.events.push("stop");
    return this.last;
  }

  leave(): void {
    this.events.push("leave");
  }

  close(): Promise<void> {
    this.events.push("close");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Makes a slot in memory of its own. */
function newSlot(areas: number): Slot {
  const outputs = Array.from({ length: areas }, () => new ArrayBuffer(AREA_SIZE));
  return new Slot(new Int32Array(slotWords(areas)), new ArrayBuffer(INPUT_SIZE), outputs);
}

/** A sandbox that works at once, or when a test says so. */
export class FakeSandbox {
  readonly free: Slot[];
  readonly dispatched: InFlightSlot[] = [];
  stops = false;
  stopPending = false;
  wantsSlot = false;
  /** Kinds of the slots that were dispatched, in order. */
  readonly kinds: number[] = [];
  /** Number of times that it was said to be wrong. */
  distrusted = 0;
  /** Whether it works at once. */
  isQuick = true;
  /** Changes a slot's words before it is given back. */
  spoil: ((slot: Slot) => void) | undefined;
  readonly #areas: number;

  constructor(areas: number, slots = 2) {
    this.#areas = areas;
    this.free = Array.from({ length: slots }, () => newSlot(areas));
  }

  /** The same for those that want a real one. */
  get real(): Sandbox {
    return this as unknown as Sandbox;
  }

  dispatch(inFlight: InFlightSlot): void {
    const { slot, kind, datagrams } = inFlight;
    this.kinds.push(kind);
    slot.clear(kind);
    for (const datagram of datagrams) slot.addDatagram({ ...datagram, messages: 0 });
    slot.state = State.DISPATCHED;
    this.dispatched.push(inFlight);
    if (this.isQuick) this.work(inFlight);
  }

  /** Hands the packets of a slot to every output. */
  work(
    { slot, datagrams }: InFlightSlot,
    only?: { first: number; until: number; isDone: boolean },
  ): void {
    const { first = 0, until = datagrams.length, isDone = true } = only ?? {};
    const bytes: number[] = [];
    for (const [index, { offset, size }] of datagrams.entries()) {
      if (index < first || index >= until) continue;
      bytes.push(...slot.memory.bytes.subarray(offset, offset + size));
      slot.report(index, { received: size, malformed: 0, lost: 0, firstSeq: -1, nextSeq: -1 });
    }
    slot.countVerdicts(bytes.length, 0, 0);
    for (let area = 0; area < this.#areas; area++) {
      slot.areas[area]!.set(bytes);
      const counts = {
        length: bytes.length,
        packets: bytes.length,
        unfit: 0,
        filtered: 0,
        emitted: 0,
      };
      slot.countOutput(area, counts);
    }
    if (!isDone) slot.resumeAt(until, 0);
    this.spoil?.(slot);
    slot.state = isDone ? State.DONE : State.FULL;
  }

  resume(inFlight: InFlightSlot): void {
    inFlight.slot.clearResults();
    inFlight.slot.state = State.DISPATCHED;
    this.onResume?.(inFlight);
  }
  /** Goes on with a slot. */
  onResume: ((inFlight: InFlightSlot) => void) | undefined;

  reclaim(inFlight: InFlightSlot): void {
    this.dispatched.splice(this.dispatched.indexOf(inFlight), 1);
    inFlight.slot.state = State.FREE;
    this.free.unshift(inFlight.slot);
  }

  rejectResults(inFlight: InFlightSlot): void {
    this.distrusted++;
    this.spoil = undefined;
    inFlight.slot.clear(inFlight.kind);
    for (const datagram of inFlight.datagrams) {
      inFlight.slot.addDatagram({ ...datagram, messages: 0 });
    }
    this.work(inFlight);
  }
}

/** A pool of fake sandboxes. */
export class FakePool {
  readonly members: FakeSandbox[];
  awaited = 0;
  nextTickMs = Infinity;
  /** Sandboxes whose tick is due, once. */
  due: FakeSandbox[] = [];
  /** Names of the calls, in order. */
  readonly events: string[] = [];
  /** Lengths of the pauses in which the thread was blocked, in milliseconds. */
  readonly pauses: number[] = [];
  /** Called while the thread is blocked. */
  onBlock: (() => void) | undefined;
  refusal: string | undefined;
  reloads: unknown;

  constructor(...members: FakeSandbox[]) {
    this.members = members;
  }

  /** The same for those that want a real one. */
  get real(): SandboxPool {
    return this as unknown as SandboxPool;
  }

  check(): void {}
  block(ms: number): void {
    this.pauses.push(ms);
    this.onBlock?.();
  }
  dueTicks(): FakeSandbox[] {
    return this.due.splice(0);
  }
  expedite(): void {
    this.events.push("expedite");
  }
  bypassScript(): void {
    this.events.push("bypassScript");
  }
  reload(): Promise<void> {
    this.events.push("reload");
    return Promise.resolve();
  }
  watchFiles(): void {
    this.events.push("watchFiles");
  }
  close(): Promise<void> {
    this.events.push("close");
    return Promise.resolve();
  }
}

/** Returns a source of a pipeline. */
export function sourceOf(name: string, reader: FakeReader): PipelineSource {
  return newSource({ name, type: "pcap", options: { path: name } }, reader, undefined);
}

/** Returns an output and what was written to it. */
export function outputOf(name: string, writer: MemoryWriter = new MemoryWriter()) {
  const log = { info() {}, warn() {} };
  const options = { name, writer, sync: true, blocks: true, queueSize: 1_048_576, log };
  const written = () => writer.batches.flatMap((batch) => [...batch]);
  return { output: new BufferedOutput(options), writer, written };
}

/** Lets a pipeline turn for a while. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export { Kind };
