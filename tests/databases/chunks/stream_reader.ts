/**
 * Reads messages that were not acknowledged, chunk by chunk.
 *
 * @module
 */

import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { ChunkPlace, Origin } from "../../../src/record/origin.ts";
import { NOTHING_QUEUED, type Reader } from "../../../src/source/source.ts";
import { chunksOf, datagramOf, lostBefore, sessionOf } from "./message.ts";

/** File of numbers of messages that were acknowledged, four bytes each. */
export function acknowledged(path: string): Set<number> {
  const bytes = Deno.readFileSync(path);
  const numbers = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  return new Set(numbers);
}

/** A reader of a stream of messages. */
export class StreamReader implements Reader {
  readonly foreign = 0;
  readonly droppedDatagrams = 0;
  lostRecords = 0;
  readonly clock = { seconds: 1_700_000_000, nanoseconds: 0 };
  readonly interfaces = new InterfaceTable();
  origin: Origin | undefined;
  ended = false;
  /** Chunks that were acknowledged, in order. */
  readonly acknowledged: Origin[] = [];
  readonly #queue: { message: number; chunk: number }[];
  readonly #places = new Map<string, { message: number; place: ChunkPlace }>();
  readonly #file: Deno.FsFile;
  readonly #paceMs: number;
  #nextMs = 0;

  /**
   * Reads what was not acknowledged.
   *
   * @param path File of acknowledgements.
   * @param messages How many messages were sent.
   * @param paceMs Time between two chunks.
   */
  constructor(path: string, messages: number, paceMs: number) {
    const known = acknowledged(path);
    this.#file = Deno.openSync(path, { append: true });
    this.#paceMs = paceMs;
    this.#queue = Array.from({ length: messages }, (_, message) => message)
      .filter((message) => !known.has(message))
      .flatMap((message) =>
        Array.from({ length: chunksOf(message) }, (_, chunk) => ({ message, chunk }))
      );
    this.ended = this.#queue.length === 0;
  }

  receive(buffer: Uint8Array): number {
    if (performance.now() < this.#nextMs) return NOTHING_QUEUED;
    const next = this.#queue.shift();
    this.ended = this.#queue.length === 0;
    if (next === undefined) return NOTHING_QUEUED;
    this.#nextMs = performance.now() + this.#paceMs;
    const { message, chunk } = next;
    if (chunk === 0) this.lostRecords += lostBefore(message);
    const session = sessionOf(message);
    const place = { from: message * 100, part: 0, chunk };
    const last = this.#places.get(session);
    const follows = last !== undefined && last.message >= message - 2;
    const lane = "host.fw.packet";
    const isLast = chunk === chunksOf(message) - 1;
    this.origin = { session, lane, ...place, previous: follows ? last.place : undefined, isLast };
    this.#places.set(session, { message, place });
    const datagram = datagramOf(message, chunk);
    buffer.set(datagram);
    return datagram.length;
  }

  acknowledge(origin: Origin): void {
    this.acknowledged.push(origin);
    if (!origin.isLast) return;
    this.#file.writeSync(new Uint8Array(Uint32Array.of(origin.from / 100).buffer));
  }

  async wait(): Promise<void> {
    if (this.ended) return;
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, this.#nextMs - performance.now()))
    );
  }

  wake(): void {}

  stop(): void {
    this.#queue.length = 0;
    this.ended = true;
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
