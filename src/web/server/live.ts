/** Sends rows, losses and counters to browsers as they come, and reads nothing while none looks. */

import type { ServerResponse } from "node:http";
import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import type { Choice, Cursor, StoredLoss, StoreReader } from "../../output/table/reading.ts";
import { EventStream } from "./event_stream.ts";
import type { LiveLimits } from "./limits.ts";
import { RequestError } from "./request_error.ts";
import { pause, Tail } from "./tail.ts";

/** Time back to which losses are looked for: they reach the store later than they happen. */
const LOSSES_BACK_MS = 120_000;
/** Time that a look for losses may take, in milliseconds. */
const LOSSES_LOOK_MS = 2000;

/** Counters and their time. */
export interface TimedStats {
  /** Time of the answer, in milliseconds since the Unix epoch. */
  timeMs: number;
  /** Counters; null where no daemon answers. */
  stats: Stats | null;
}

/** Asks the daemon; undefined where none is known. */
export type AskStats = () => Promise<Stats | null>;

/** Parts that are looked at. */
export interface LiveSources {
  reader: StoreReader | undefined;
  stats: AskStats | undefined;
}

/** Feeds the browsers. */
export class Live implements Disposable {
  readonly #sources: LiveSources;
  readonly #limits: LiveLimits;
  readonly #stuckMs: number;
  readonly #tails = new Map<string, Tail>();
  readonly #streams = new Set<EventStream>();
  /** Ends the looks for losses and counters; undefined while no browser looks. */
  #looking: AbortController | undefined;
  #stats: TimedStats | undefined;

  constructor(sources: LiveSources, limits: LiveLimits, stuckMs: number) {
    this.#sources = sources;
    this.#limits = limits;
    this.#stuckMs = stuckMs;
  }

  /** Number of browsers. */
  get browsers(): number {
    return this.#streams.size;
  }

  /**
   * Sends events to a browser until it leaves.
   *
   * @param choice Rows that are wanted; undefined for losses and counters alone.
   * @param after Place from which on rows are wanted; undefined for those to come.
   * @throws {RequestError} If there are too many browsers, or expressions.
   */
  async serve(
    response: ServerResponse,
    choice: Omit<Choice, "span"> | undefined,
    after: Cursor | undefined,
  ): Promise<void> {
    if (this.#streams.size >= this.#limits.browsers) {
      throw new RequestError(503, "Too many browsers look already: close one, or try again later");
    }
    const key = JSON.stringify([choice?.kind, choice?.where]);
    const tail = choice === undefined ? undefined : this.#tailOf(key, choice);
    const stream = new EventStream(response, { rows: this.#limits.rows, stuckMs: this.#stuckMs });
    this.#streams.add(stream);
    tail?.add(stream, after);
    if (this.#stats !== undefined) stream.set("stats", this.#stats);
    this.#start();
    try {
      await stream.run();
    } finally {
      this.#streams.delete(stream);
      tail?.remove(stream);
      if (tail?.size === 0) this.#tails.delete(key);
      if (this.#streams.size === 0) this[Symbol.dispose]();
    }
  }

  /** Ends all. */
  [Symbol.dispose](): void {
    this.#looking?.abort();
    this.#looking = undefined;
    this.#stats = undefined;
    for (const stream of this.#streams) stream.close();
  }

  #tailOf(key: string, choice: Omit<Choice, "span">): Tail | undefined {
    const { reader } = this.#sources;
    if (reader === undefined) return undefined;
    let tail = this.#tails.get(key);
    if (tail === undefined) {
      if (this.#tails.size >= this.#limits.tails) {
        throw new RequestError(
          503,
          `Browsers look for ${this.#limits.tails} different expressions already: take one of them`,
        );
      }
      tail = new Tail(reader, choice, this.#limits);
      this.#tails.set(key, tail);
    }
    return tail;
  }

  /** Starts the looks that all browsers share. */
  #start(): void {
    if (this.#looking !== undefined) return;
    this.#looking = new AbortController();
    const { signal } = this.#looking;
    const { reader, stats } = this.#sources;
    if (reader !== undefined) void this.#followLosses(reader, signal);
    if (stats !== undefined) void this.#followStats(stats, signal);
  }

  async #followStats(ask: AskStats, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const stats = await ask();
      if (signal.aborted) return;
      this.#stats = { timeMs: Date.now(), stats };
      for (const stream of this.#streams) stream.set("stats", this.#stats);
      await pause(this.#limits.statsMs, signal);
    }
  }

  async #followLosses(reader: StoreReader, signal: AbortSignal): Promise<void> {
    let known = new Set<string>();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const nowMs = Date.now();
      const span = { fromMs: nowMs - LOSSES_BACK_MS, toMs: nowMs + LOSSES_BACK_MS };
      try {
        const losses = await reader.losses(span, { ms: LOSSES_LOOK_MS, signal });
        const fresh = losses.filter((loss) => !known.has(keyOf(loss)));
        known = new Set(losses.map(keyOf));
        // Browsers ask for those before by themselves.
        if (fresh.length > 0 && !isFirst) {
          for (const stream of this.#streams) stream.addLosses(fresh);
        }
      } catch {
        // The tail says what is wrong with the store.
      }
      await pause(this.#limits.lossesMs, signal);
    }
  }
}

function keyOf(loss: StoredLoss): string {
  return JSON.stringify([loss.timeMs, loss.host, loss.capture, loss.packets]);
}
