/** Messages between the server and the pipeline: queued, handed out, waiting to be acknowledged. */

import type { MessageHead } from "../../nats/format/message.ts";
import type { ChunkPlace, Origin } from "../../record/origin.ts";
import type { Body } from "./body.ts";
import { laneKey, messageKey, nameIn } from "./lane.ts";
import { Order, type OrderBounds, type Placed, type Taken } from "./order.ts";

/** A message that has arrived. */
export interface Arrival extends Placed {
  head: MessageHead;
  subject: string;
  /** The body as it was sent; undefined once it was opened. */
  data: Uint8Array | undefined;
  /** Subject of its acknowledgement; that of the last delivery. */
  reply: string;
  /** Its sequence number in the stream. */
  sequence: number;
  /** Time at which the stream took it, in milliseconds since the Unix epoch. */
  sentMs: number;
  /** Whether its records were handed out, or begun to be. */
  isHandedOut: boolean;
}

/** Answer to a message. */
export type Offered = "taken" | "acknowledge" | "wait";

/** Keys that are remembered of messages without numbers of records. */
const KEYS_MOST = 20_000;

/** Messages of one reader. */
export class Arrivals {
  readonly #order: Order<Arrival>;
  /** Messages that are not acknowledged, by key. */
  readonly #known = new Map<string, Arrival>();
  /** Messages that are handed out next, with what is missing in front of each. */
  #ready: Taken<Arrival>[] = [];
  #readyBytes = 0;
  /** Keys of messages without numbers that were handed out. */
  readonly #keys = new Set<string>();
  /** Last chunk that was handed out, by lane. */
  readonly #places = new Map<string, { place: ChunkPlace; next: number | undefined }>();

  /** Creates a queue without messages. */
  constructor(bounds: Partial<OrderBounds> = {}) {
    this.#order = new Order(bounds);
  }

  /** Bytes of messages that are ready. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Whether a message is ready. */
  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Earliest time at which {@linkcode tick} may do something; Infinity for none. */
  get nextMs(): number {
    return this.#order.nextMs;
  }

  /** Subjects by which the server learns that messages are still worked on. */
  get replies(): Iterable<string> {
    return [...this.#known.values()].map(({ reply }) => reply);
  }

  /**
   * Takes a message.
   *
   * @returns `acknowledge` for one that was handed out and acknowledged before, `wait` for one that is
   *   known and not acknowledged yet.
   */
  offer(message: Arrival, nowMs: number): Offered {
    const key = messageKey(message.lane, message.head);
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.reply = message.reply;
      return "wait";
    }
    if (this.#keys.has(key) || this.#order.isRepeated(message)) return "acknowledge";
    this.#known.set(key, message);
    this.#add(this.#order.offer(message, nowMs));
    return "taken";
  }

  /** Makes messages ready that have waited for others for long enough. */
  tick(nowMs: number): void {
    this.#add(this.#order.due(nowMs));
  }

  /** Takes out the next message; undefined if none is ready. */
  next(): Taken<Arrival> | undefined {
    const taken = this.#ready.shift();
    if (taken === undefined) return undefined;
    const { message } = taken;
    this.#readyBytes -= message.size;
    message.isHandedOut = true;
    return taken;
  }

  /** Notes that a message's records, which are as its head says, are handed out. */
  handOut(message: Arrival): void {
    this.#order.handOut(message);
    if (message.first !== undefined && message.records > 0) return;
    this.#keys.add(messageKey(message.lane, message.head));
    if (this.#keys.size > KEYS_MOST) this.#keys.delete(this.#keys.keys().next().value!);
  }

  /**
   * Returns the origin of a chunk of the message that was taken out last.
   *
   * @param chunk Its number.
   * @param body Body after the chunk was written.
   */
  originOf({ head, lane, first, records }: Arrival, chunk: number, { isLast }: Body): Origin {
    const { session, from, part } = head;
    const before = this.#places.get(lane);
    // Only what follows without a gap has a place in front of it.
    const isNext = chunk > 0 || first !== undefined && before?.next === first;
    const previous = isNext ? before?.place : undefined;
    this.#places.delete(lane);
    this.#places.set(lane, {
      place: { from, part, chunk },
      next: first === undefined ? undefined : first + records,
    });
    if (this.#places.size > KEYS_MOST) this.#places.delete(this.#places.keys().next().value!);
    return { session, from, part, chunk, lane: nameIn(lane), previous, isLast };
  }

  /** Returns a message whose records are safe, and forgets it; undefined if it is not known. */
  take(origin: Pick<Origin, "session" | "lane" | "from" | "part">): Arrival | undefined {
    const key = messageKey(laneKey(origin.session, origin.lane), origin);
    const known = this.#known.get(key);
    this.#known.delete(key);
    return known;
  }

  /** Forgets a message that cannot be read. */
  drop({ lane, head }: Arrival): void {
    this.#known.delete(messageKey(lane, head));
  }

  /** Forgets messages that were not handed out: they are delivered again. */
  reset(): void {
    this.#ready = [];
    this.#readyBytes = 0;
    this.#order.reset();
    for (const [key, { isHandedOut }] of this.#known) if (!isHandedOut) this.#known.delete(key);
  }

  #add(taken: readonly Taken<Arrival>[]): void {
    for (const one of taken) {
      this.#ready.push(one);
      this.#readyBytes += one.message.size;
    }
  }
}
