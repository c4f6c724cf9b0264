/** Captures the packets of a firewall rule in a program. */

import { Memory } from "./bytes/memory.ts";
import { checkActions } from "./config/actions.ts";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import { type ActionPatterns, ActionTable } from "./packet/actions.ts";
import { Packet } from "./packet/packet.ts";
import { RawPacket } from "./packet/raw_packet.ts";
import { optionsOf } from "./schema.ts";
import { NflogDecoder } from "./source/nflog/decoder.ts";
import { nflogEntries } from "./source/nflog/options.ts";
import { NflogReader } from "./source/nflog/reader.ts";
import nflog from "./source/nflog/source.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader, type SourceStats } from "./source/source.ts";

/**
 * Longest time of delivering packets without a macrotask, in milliseconds: resolved promises alone
 * do not let timers, signals and sockets run.
 */
const TURN_MS = 10;
/**
 * Delay after a wake-up, in milliseconds, as interrupt moderation of network cards: one wake-up
 * then serves hundreds of packets.
 */
const GATHER_MS = 1;

/** Type of the sources that {@linkcode capture} reads. */
export const CAPTURED: string = nflog.type;

/** Returns checked options of a source of type {@linkcode CAPTURED} as {@linkcode capture} takes them. */
export function captureOptions(options: Record<string, unknown>): CaptureOptions {
  return optionsOf(nflogEntries, options, CAPTURED);
}

/** Options of {@linkcode capture}. */
export interface CaptureOptions {
  /** Group of the firewall rule, 0 to 65535. */
  group: number;
  /**
   * Bytes kept of each packet, 0 to 65531; 0 keeps all.
   *
   * @default {0}
   */
  copyRange?: number;
  /**
   * Size of the socket's receive buffer, in bytes: it holds packets while the program is busy.
   *
   * @default {8388608}
   */
  bufferSize?: number;
  /**
   * Packets that the kernel collects before it delivers them. Fewer arrive earlier, more need less
   * CPU.
   *
   * @default {512}
   */
  queueThreshold?: number;
  /**
   * Longest time that the kernel collects, in milliseconds, a multiple of 10.
   *
   * @default {100}
   */
  queueTimeoutMs?: number;
  /**
   * Network namespace of the group: a path, as in `/run/netns/blue`, or the id of a process in it.
   * Needs CAP_SYS_ADMIN.
   *
   * @default {undefined} The namespace of this process.
   */
  netns?: string | number;
  /**
   * Actions of rules by patterns of their prefixes, for `packet.action`: `*` stands for any text, `?`
   * for one character. Of several patterns that match the most specific one counts.
   *
   * @default {{}}
   */
  actions?: ActionPatterns;
  /** Ends the capture: the loop then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with warnings, such as about a smaller buffer than requested.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Captured packets, for a `for await` loop. Leaving the loop, an abort, or the end of an `await
 * using` block closes the capture. Kept packets stay valid; each keeps its whole datagram in memory
 * (128 KiB at the most), unless it is copied with `packet.copy()`.
 */
export class Capture implements AsyncIterableIterator<Packet, undefined>, AsyncDisposable {
  readonly #reader: Reader;
  readonly #decoder = new NflogDecoder();
  readonly #datagram = new Uint8Array(DATAGRAM_MAX);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  readonly #actions: ActionTable;
  /** Filled in and returned as the next packet. */
  #raw: RawPacket;
  #turnStartMs = 0;
  #turnIsOver = false;
  #waiting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Called by {@linkcode capture}. */
  constructor(reader: Reader, actions: ActionTable, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#actions = actions;
    this.#raw = new RawPacket(reader.interfaces);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Counters so far. */
  get stats(): SourceStats {
    const { received, lost, malformed } = this.#decoder;
    return { received, lost, malformed, foreign: this.#reader.foreign };
  }

  /**
   * Returns the next packet.
   *
   * @returns Packet, or the end once the capture is closed.
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

  /** Closes the capture; called when a loop is left. */
  async return(): Promise<IteratorResult<Packet, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /** Closes the capture: unbinds the group, and ends a loop. */
  close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return this.#closing ??= this.#reader.close();
  }

  /** Returns the capture itself: each packet comes once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Closes the capture. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns the next packet that needs no waiting, unless other tasks must run first. */
  #take(): Packet | undefined {
    while (this.#closing === undefined) {
      if (this.#decoder.next(this.#raw)) {
        const raw = this.#raw;
        raw.interfaces = this.#reader.interfaces;
        raw.actions = this.#actions;
        this.#raw = new RawPacket(raw.interfaces);
        return new Packet(raw);
      }
      this.#turnIsOver = performance.now() - this.#turnStartMs > TURN_MS;
      if (this.#turnIsOver) return undefined;
      const length = this.#reader.receive(this.#datagram);
      if (length === NOTHING_QUEUED) return undefined;
      const { seconds, nanoseconds } = this.#reader.clock;
      // Each datagram has its own memory of just its size, because packets may be kept.
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
 * Captures the packets that a firewall rule sends to an NFLOG group. Needs
 * Linux, the right to configure netfilter (CAP_NET_ADMIN) and `--allow-ffi`.
 *
 * @param options Group and further options.
 * @returns Captured packets, complete from now on.
 * @throws {ConfigError} If an option is invalid; the message names all problems.
 * @throws {NetlinkError} If the kernel refuses; the message contains the reason and a remedy.
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
  const { signal, onWarning = console.warn, actions, ...table } = options;
  signal?.throwIfAborted();
  const checked = optionsOf(nflogEntries, table, "capture options");
  const problems: ConfigProblem[] = [];
  const patterns = checkActions(actions, problems);
  if (problems.length > 0) throw new ConfigError("capture options", problems);
  const reader = await NflogReader.open(checked, onWarning);
  return new Capture(reader, new ActionTable(patterns), signal);
}
