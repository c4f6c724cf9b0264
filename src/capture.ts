/**
 * Packets of a firewall rule in your own program.
 *
 * @module
 */

import { Memory } from "./bytes/memory.ts";
import { Packet } from "./packet/packet.ts";
import { RawPacket } from "./packet/raw_packet.ts";
import { optionsOf } from "./schema.ts";
import { NflogDecoder } from "./source/nflog/decoder.ts";
import { nflogEntries } from "./source/nflog/options.ts";
import { NflogReader } from "./source/nflog/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader, type SourceStats } from "./source/source.ts";

/**
 * How long packets are handed out without giving other work its turn, in
 * milliseconds. A resolved promise does not let timers, signals and sockets in.
 */
const TURN_MS = 10;
/**
 * How long to let packets gather after a wake-up, in milliseconds, as network
 * cards moderate interrupts: one wake-up then serves hundreds of packets.
 */
const GATHER_MS = 1;

/** What {@linkcode capture} captures, and how. */
export interface CaptureOptions {
  /** The group that the firewall rule names, 0 to 65535. */
  group: number;
  /**
   * Bytes kept of each packet, 0 to 65531; 0 keeps all.
   *
   * @default {0}
   */
  copyRange?: number;
  /**
   * The socket's receive buffer, in bytes: what the kernel holds while the
   * program is busy.
   *
   * @default {8388608}
   */
  bufferSize?: number;
  /**
   * Packets that the kernel collects before it hands them over. Fewer come
   * sooner, more cost less.
   *
   * @default {512}
   */
  queueThreshold?: number;
  /**
   * How long the kernel collects at the most, in milliseconds, a multiple of 10.
   *
   * @default {100}
   */
  queueTimeoutMs?: number;
  /**
   * The network namespace that the group is in: a path, as in `/run/netns/blue`, or
   * the id of a process in it. Takes CAP_SYS_ADMIN.
   *
   * @default {undefined} This process's own.
   */
  netns?: string | number;
  /** Ends the capture: the loop then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Told about what works, but not as asked for, such as a smaller buffer.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Packets as they arrive: loop over it with `for await`. Leaving the loop, an
 * abort, or the end of an `await using` block closes it. A packet that the
 * program keeps stays valid; it holds on to the datagram that it came in (128
 * KiB at the most), which `packet.copy()` avoids.
 */
export class Capture implements AsyncIterableIterator<Packet, undefined>, AsyncDisposable {
  readonly #reader: Reader;
  readonly #decoder = new NflogDecoder();
  readonly #datagram = new Uint8Array(DATAGRAM_MAX);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  /** Filled in by the next packet, then handed out with it. */
  #raw: RawPacket;
  #turnStartMs = 0;
  #turnIsOver = false;
  #waiting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Use {@linkcode capture}. */
  constructor(reader: Reader, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#raw = new RawPacket(reader.interfaces);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** What has been counted so far. */
  get stats(): SourceStats {
    const { received, lost, malformed } = this.#decoder;
    return { received, lost, malformed, foreign: this.#reader.foreign };
  }

  /**
   * The next packet.
   *
   * @returns It, or the end once the capture is closed.
   * @throws {unknown} The signal's reason, once it is aborted.
   * @throws {NetlinkError} If the socket fails.
   */
  next(): Promise<IteratorResult<Packet, undefined>> {
    try {
      const packet = this.#take();
      if (packet !== undefined) return Promise.resolve({ value: packet, done: false });
    } catch (error) {
      return this.#fail(error);
    }
    return this.#nextAfterWait().catch((error) => this.#fail(error));
  }

  /** Ends a loop: closes the capture. */
  async return(): Promise<IteratorResult<Packet, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /** Stops: the group is given back, and a loop over this capture ends. */
  close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return this.#closing ??= this.#reader.close();
  }

  /** The capture itself: its packets come once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Stops. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The next packet, if it is here already and nothing else must have its turn first. */
  #take(): Packet | undefined {
    while (this.#closing === undefined) {
      if (this.#decoder.next(this.#raw)) {
        const raw = this.#raw;
        raw.interfaces = this.#reader.interfaces;
        this.#raw = new RawPacket(raw.interfaces);
        return new Packet(raw);
      }
      this.#turnIsOver = performance.now() - this.#turnStartMs > TURN_MS;
      if (this.#turnIsOver) return undefined;
      const length = this.#reader.receive(this.#datagram);
      if (length === NOTHING_QUEUED) return undefined;
      const { seconds, nanoseconds } = this.#reader.clock;
      // Its own memory for each datagram, of just its size: packets may be kept.
      const memory = new Memory(this.#datagram.buffer.slice(0, (length + 3) & ~3));
      this.#decoder.begin(memory, 0, length, seconds, nanoseconds);
    }
    return undefined;
  }

  async #nextAfterWait(): Promise<IteratorResult<Packet, undefined>> {
    for (;;) {
      if (this.#closing === undefined) await (this.#waiting ??= this.#wait());
      const packet = this.#take();
      if (packet !== undefined) return { value: packet, done: false };
      if (this.#closing === undefined) continue;
      await this.#closing;
      this.#signal?.throwIfAborted();
      return { value: undefined, done: true };
    }
  }

  async #fail(error: unknown): Promise<never> {
    await this.close();
    throw error;
  }

  async #wait(): Promise<void> {
    try {
      if (this.#turnIsOver) {
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await this.#reader.wait();
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    } finally {
      this.#turnStartMs = performance.now();
      this.#waiting = undefined;
    }
  }
}

/**
 * Captures the packets that a firewall rule hands to an NFLOG group. Needs
 * Linux, the right to configure netfilter (CAP_NET_ADMIN) and `--allow-ffi`.
 *
 * @param options The group, and how to capture.
 * @returns The packets; from now on none is missed.
 * @throws {ConfigError} If an option cannot be; all problems are named at once.
 * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
 * @throws {Deno.errors.NotCapable} If a permission flag is missing; the message names it.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 *
 * @example A line per packet
 * ```ts no-assert
 * import { capture } from "nfscribe";
 *
 * // nft add rule inet filter output ip daddr 192.0.2.1 log group 1
 * async function main() {
 *   await using packets = await capture({ group: 1, copyRange: 100 });
 *   for await (const packet of packets) console.log(`${packet}`);
 * }
 * console.log(main.name);
 * ```
 */
export async function capture(options: CaptureOptions): Promise<Capture> {
  const { signal, onWarning = console.warn, ...table } = options;
  signal?.throwIfAborted();
  const checked = optionsOf(nflogEntries, table, "capture options");
  const reader = await NflogReader.open(checked, onWarning);
  return new Capture(reader, signal);
}
