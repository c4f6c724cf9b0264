/** Server-sent events to one browser (WHATWG HTML, section 9.2), never more than it takes. */

import type { ServerResponse } from "node:http";
import type { Arrivals, Row, StoredLoss } from "../../output/table/reading.ts";
import { begin, writePiece } from "./respond.ts";

/** Rows that arrived in one step; the text of it is made once for all browsers. */
export class Batch {
  readonly arrivals: Arrivals;
  #text: string | undefined;

  constructor(arrivals: Arrivals) {
    this.arrivals = arrivals;
  }

  /** The event's text. */
  get text(): string {
    return this.#text ??= eventText("rows", this.arrivals, this.arrivals.after);
  }
}

/** Losses that wait for a slow browser at the most; it may ask for all. */
const LOSSES_MOST = 1000;
/** Interval of comments that keep proxies from closing the connection, in milliseconds. */
const ALIVE_MS = 15_000;
/** Time after which a browser connects again, in milliseconds. */
const RETRY_MS = 2000;

/** Limits of one browser. */
export interface StreamLimits {
  /** The most rows of one event. */
  rows: number;
  /** Time that it may read nothing, in milliseconds. */
  stuckMs: number;
}

/**
 * Events for one browser. Those that come while it does not read are merged: rows become the newest
 * ones and a count of the others, counters the last ones.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #limits: StreamLimits;
  #batches: Batch[] = [];
  #losses: StoredLoss[] = [];
  /** Events of which only the last one matters, by name. */
  readonly #latest = new Map<string, unknown>();
  #wake = () => {};
  #isOpen = true;

  constructor(response: ServerResponse, limits: StreamLimits) {
    this.#response = response;
    this.#limits = limits;
    response.once("close", () => this.close());
  }

  /** Adds rows. */
  addRows(batch: Batch): void {
    // Merged early: what waits never grows.
    const { length } = this.#batches;
    if (length < 2) this.#batches.push(batch);
    else this.#batches = [new Batch(merged([...this.#batches, batch], this.#limits.rows))];
    this.#wake();
  }

  /** Adds losses. */
  addLosses(losses: readonly StoredLoss[]): void {
    this.#losses = [...this.#losses, ...losses].slice(-LOSSES_MOST);
    this.#wake();
  }

  /** Sets an event of which only the last one matters. */
  set(name: "stats" | "problem", data: unknown): void {
    this.#latest.set(name, data);
    this.#wake();
  }

  /** Ends it. */
  close(): void {
    this.#isOpen = false;
    this.#wake();
  }

  /** Writes events until the browser leaves, or reads nothing for too long. */
  async run(): Promise<void> {
    begin(this.#response, 200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // nginx would keep events back.
      "x-accel-buffering": "no",
    });
    let text = `retry: ${RETRY_MS}\n\n`;
    while (this.#isOpen && await writePiece(this.#response, text, this.#limits.stuckMs)) {
      text = this.#take();
      if (text !== "") continue;
      await this.#more();
      text = this.#take() || ":\n\n";
    }
    if (!this.#response.destroyed) this.#response.end();
  }

  /** Waits for an event, or for the time of a comment. */
  async #more(): Promise<void> {
    if (!this.#isOpen) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ALIVE_MS);
    this.#wake = resolve;
    await promise;
    this.#wake = () => {};
    clearTimeout(timer);
  }

  /** Returns the text of all that waits. */
  #take(): string {
    let text = "";
    const batches = this.#batches;
    this.#batches = [];
    if (batches.length === 1) text += batches[0]!.text;
    else if (batches.length > 1) text += new Batch(merged(batches, this.#limits.rows)).text;
    if (this.#losses.length > 0) {
      text += eventText("losses", this.#losses);
      this.#losses = [];
    }
    for (const [name, data] of this.#latest) text += eventText(name, data);
    this.#latest.clear();
    return text;
  }
}

/** Joins batches to one with at most so many rows, the newest. */
function merged(batches: readonly Batch[], most: number): Arrivals {
  const rows: Row[] = batches.flatMap(({ arrivals }) => arrivals.rows);
  const left = Math.max(0, rows.length - most);
  const skipped = batches.reduce((sum, { arrivals }) => sum + arrivals.skipped, left);
  return { rows: rows.slice(left), after: batches.at(-1)!.arrivals.after, skipped };
}

/** Returns an event as text: JSON has no ends of lines. */
function eventText(name: string, data: unknown, id?: string): string {
  const field = id === undefined ? "" : `id: ${id.replaceAll(/[\r\n\0]/g, "")}\n`;
  return `event: ${name}\n${field}data: ${JSON.stringify(data)}\n\n`;
}
