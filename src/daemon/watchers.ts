/** Clients that watch what the sources receive (`nfscribe watch --running`). */

import type { Config } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import { WatchFeed } from "../handover/watch_feed.ts";
import {
  COUNTS,
  DATAGRAM,
  END,
  HEADER_SIZE,
  NAMES,
  SOURCES,
  textMessage,
  writeHeader,
} from "../handover/watch_message.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import { DATAGRAM_MAX, type SourceStats } from "../source/source.ts";
import { sources as sourceTypes } from "../source/sources.ts";
import type { Log } from "../log/log.ts";
import type { Tap } from "./pipeline/receiver.ts";
import type { PipelineSource } from "./pipeline/topology.ts";
import type { Datagram } from "./pool/in_flight.ts";

/** Clients at the most. */
const CLIENTS_MAX = 4;
/** Bytes that a client gets in a second, and at once: more than a terminal shows of small packets. */
const BYTES_PER_SECOND = 16 * 1024 * 1024;
const BURST = 4 * 1024 * 1024;
/** Interval of sending counters, in milliseconds; also that at which a client that left is noticed. */
const COUNTS_MS = 500;
/** Interfaces in a message. */
const NAMES_PER_MESSAGE = 500;

/** Surroundings of the clients. */
export interface WatchedDaemon {
  /** Returns the current configuration. */
  config(): Config;
  /** Returns the current sources. */
  sources(): readonly PipelineSource[];
}

/** Hands a copy of what is received to clients, as far as they take it. */
export class Watchers implements Tap, AsyncDisposable {
  readonly #daemon: WatchedDaemon;
  readonly #log: Pick<Log, "info" | "warn">;
  readonly #clients = new Set<Client>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  /** No client watches yet. */
  constructor(daemon: WatchedDaemon, log: Pick<Log, "info" | "warn">) {
    this.#daemon = daemon;
    this.#log = log;
  }

  /** Whether a client watches. */
  get isOpen(): boolean {
    return this.#clients.size > 0;
  }

  /**
   * Connects to a client.
   *
   * @param nonce Nonce of its request.
   */
  async add(nonce: string): Promise<void> {
    try {
      const feed = await WatchFeed.open(nonce);
      if (this.#isClosed) return await feed[Symbol.asyncDispose]();
      if (this.#clients.size >= CLIENTS_MAX) {
        feed.send(
          textMessage(END, { why: `${CLIENTS_MAX} others watch already: end one of them` }),
        );
        return await feed[Symbol.asyncDispose]();
      }
      const client = new Client(feed, this.#daemon);
      this.#clients.add(client);
      this.#log.info("A process watches", { pid: feed.pid });
      client.count();
      this.#timer ??= setInterval(() => this.#count(), COUNTS_MS);
    } catch (error) {
      this.#log.warn(`Cannot answer nfscribe watch: ${messageOf(error)}`);
    }
  }

  /** Hands datagrams to the clients. */
  take(
    sources: readonly PipelineSource[],
    datagrams: readonly Datagram[],
    memory: Uint8Array,
  ): void {
    for (const client of this.#clients) client.take(sources, datagrams, memory);
  }

  /** Ends all clients. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const client of this.#clients) await client.end("The nfscribe that was watched has ended");
    this.#clients.clear();
  }

  #count(): void {
    for (const client of this.#clients) {
      client.count();
      if (!client.isGone) continue;
      this.#clients.delete(client);
      client.end();
    }
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Client that watches. */
class Client {
  /** Records that it did not get. */
  omitted = 0;
  /** Whether it has left. */
  isGone = false;
  readonly #feed: WatchFeed;
  readonly #daemon: WatchedDaemon;
  /** Counters of the sources when it came, by name. */
  readonly #before: ReadonlyMap<string, SourceStats>;
  /** Sources that it knows, and their names of interfaces. */
  #sources: readonly PipelineSource[] | undefined;
  readonly #names = new Map<number, InterfaceTable>();
  /** Messages that it must get before the next datagram. */
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  /** Whether the last counters had no room. */
  #isCountDue = false;
  #allowance = BURST;
  #refilledMs = performance.now();
  readonly #message = new Uint8Array(HEADER_SIZE + DATAGRAM_MAX);
  readonly #header = new Uint32Array(this.#message.buffer, 0, HEADER_SIZE / 4);

  constructor(feed: WatchFeed, daemon: WatchedDaemon) {
    this.#feed = feed;
    this.#daemon = daemon;
    this.#before = statsOf(daemon.sources());
    this.#announce(daemon.sources());
  }

  /** Sends the datagrams for which there is room, and notes on the others that it lacks them. */
  take(
    sources: readonly PipelineSource[],
    datagrams: readonly Datagram[],
    memory: Uint8Array,
  ): void {
    if (this.isGone) return;
    const nowMs = performance.now();
    const more = (nowMs - this.#refilledMs) / 1000 * BYTES_PER_SECOND;
    this.#allowance = Math.min(BURST, this.#allowance + more);
    this.#refilledMs = nowMs;
    if (sources !== this.#sources) this.#announce(sources);
    for (const datagram of datagrams) {
      if (!this.#offer(datagram, memory)) (datagram.omittedBy ??= []).push(this);
    }
  }

  /** Sends counters; without room for them they precede the next datagram. */
  count(): void {
    this.#isCountDue = true;
    if (!this.#flush()) return;
    const counts = { lost: 0, malformed: 0, foreign: 0 };
    for (const [name, stats] of statsOf(this.#daemon.sources())) {
      const before = this.#before.get(name);
      for (const key of ["lost", "malformed", "foreign"] as const) {
        counts[key] += Math.max(0, stats[key] - (before?.[key] ?? 0));
      }
    }
    this.#isCountDue = !this.#send(textMessage(COUNTS, { ...counts, omitted: this.omitted }));
  }

  /** Closes the connection; says why if the client is still there. */
  async end(why?: string): Promise<void> {
    if (why !== undefined) {
      this.count();
      this.#send(textMessage(END, { why }));
    }
    this.isGone = true;
    await this.#feed[Symbol.asyncDispose]();
  }

  #offer({ source, offset, size, seconds, nanoseconds, interfaces }: Datagram, memory: Uint8Array) {
    if (size > this.#allowance || size > DATAGRAM_MAX) return false;
    if (this.#names.get(source) !== interfaces) this.#announceNames(source, interfaces);
    if (this.#isCountDue) this.count();
    if (this.#isCountDue || !this.#flush()) return false;
    writeHeader(this.#header, { kind: DATAGRAM, source, seconds, nanoseconds });
    this.#message.set(memory.subarray(offset, offset + size), HEADER_SIZE);
    if (!this.#send(this.#message.subarray(0, HEADER_SIZE + size))) return false;
    this.#allowance -= size;
    return true;
  }

  #announce(sources: readonly PipelineSource[]): void {
    this.#sources = sources;
    this.#names.clear();
    const { sources: parts, actions } = this.#daemon.config();
    const watched = sources.map(({ name }) => {
      const part = parts.find((part) => part.name === name);
      if (part === undefined) return { name, type: "", options: null };
      const { type, options } = part;
      const sampled = sourceTypes[type]!.sampled;
      return { name, type, options: sampled === undefined ? options : sampled(options) ?? null };
    });
    this.#waiting = [textMessage(SOURCES, { sources: watched, actions })];
  }

  #announceNames(source: number, interfaces: InterfaceTable): void {
    // Later ones would queue up behind it.
    if (this.#waiting.length > 0 && !this.#flush()) return;
    this.#names.set(source, interfaces);
    const all = interfaces.names();
    for (let at = 0; at === 0 || at < all.length; at += NAMES_PER_MESSAGE) {
      const names = all.slice(at, at + NAMES_PER_MESSAGE);
      this.#waiting.push(textMessage(NAMES, { isFirst: at === 0, names }, source));
    }
  }

  /** Sends the messages that wait; returns whether none waits any more. */
  #flush(): boolean {
    while (this.#waiting.length > 0 && this.#send(this.#waiting[0]!)) this.#waiting.shift();
    return this.#waiting.length === 0;
  }

  #send(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.isGone) return false;
    const sent = this.#feed.send(message);
    this.isGone = sent === "closed";
    return sent === "sent";
  }
}

function statsOf(sources: readonly PipelineSource[]): Map<string, SourceStats> {
  return new Map(sources.map(({ name, reader: { foreign }, ledger }) => {
    const { received, lost, malformed } = ledger;
    return [name, { received, lost, malformed, foreign }];
  }));
}
