/// <reference lib="dom" />
/** Rows of a view: a first page, older pages on demand, and those that arrive. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, ask } from "../api/client.ts";
import { listen } from "../api/live.ts";
import type { LiveRows, Page, StoredKind, StoredLoss } from "../api/types.ts";
import { keepRows } from "../state/known.ts";
import { keepStats, liveState } from "../state/server.ts";
import { presentMs } from "../time/clock.ts";
import { isLive, type Range, timesOf } from "../time/range.ts";
import { Entries, type Entry } from "./entries.ts";

/** Rows of one page. */
const PAGE_ROWS = 500;
/** Most rows that are read backwards in one range. */
const ROWS_MAX = 50_000;
/** Time by which a range that ends now reaches ahead: clocks of hosts differ. */
const AHEAD_MS = 3_600_000;
/** Longest wait for the place at which arrivals begin, before the first page is read without. */
const PATIENCE_MS = 2000;

/** Question for rows. */
export interface RowsQuestion extends Range {
  kind: StoredKind;
  where: string;
}

/** Rows, and what is known of them. */
export interface Rows {
  entries: readonly Entry[];
  /** Losses that were sent while this was shown. */
  losses: readonly StoredLoss[];
  isLoading: boolean;
  /** Whether the range has no older rows. */
  isEnd: boolean;
  /** Whether so many rows are here that older ones take a range of their own. */
  isFull: boolean;
  /** Time back to which the store was looked through, where a search took too long. */
  reachedMs: number | undefined;
  error: ApiError | undefined;
  /** Rows that are held back. */
  held: number;
  /** Reads older rows; returns whether it does. */
  more(): boolean;
  retry(): void;
}

/** Rows of one question, and how they are read. */
class Reading {
  readonly entries = new Entries();
  held = new Entries();
  losses: StoredLoss[] = [];
  before: string | undefined;
  isLoading = true;
  isEnd = false;
  reachedMs: number | undefined;
  error: ApiError | undefined;
  readonly #question: RowsQuestion;
  readonly #controller = new AbortController();
  readonly #changed: () => void;
  readonly #isHeld: () => boolean;

  constructor(question: RowsQuestion, changed: () => void, isHeld: () => boolean) {
    this.#question = question;
    this.#changed = changed;
    this.#isHeld = isHeld;
  }

  /** Whether no more rows are kept. */
  get isFull(): boolean {
    return this.entries.list.length >= ROWS_MAX;
  }

  /** Begins; returns a function that ends it. */
  start(): () => void {
    const { kind, where } = this.#question;
    const isNow = isLive(this.#question);
    let isAsked = false;
    // Arrivals begin before the first page is read, so that none is missing in between.
    const first = () => {
      if (isAsked) return;
      isAsked = true;
      this.#read();
    };
    const timer = setTimeout(first, isNow ? PATIENCE_MS : 0);
    const close = listen(isNow ? kind : undefined, isNow ? where : "", {
      rows: (rows) => {
        this.#arrive(rows);
        first();
      },
      losses: (losses) => {
        this.losses = [...this.losses, ...losses].slice(-1000);
        this.#changed();
      },
      stats: keepStats,
      state: (state) => {
        liveState.set(state);
        if (state === "lost") first();
      },
    });
    return () => {
      clearTimeout(timer);
      close();
      this.#controller.abort();
      liveState.set(undefined);
    };
  }

  /** Reads the next older page; returns whether it does. */
  more(): boolean {
    if (this.isLoading || this.isEnd || this.isFull) return false;
    this.isLoading = true;
    this.#read();
    return true;
  }

  /** Shows what was held back. */
  release(): void {
    if (this.held.list.length === 0) return;
    this.entries.release(this.held);
    this.held = new Entries();
    this.#changed();
  }

  #arrive({ rows, skipped }: LiveRows): void {
    keepRows(rows);
    const target = this.#isHeld() ? this.held : this.entries;
    target.arrive(rows, skipped, presentMs());
    if (target === this.entries) this.entries.forget(timesOf(this.#question, presentMs()).fromMs);
    if (rows.length > 0 || skipped > 0) this.#changed();
  }

  async #read(): Promise<void> {
    const { kind, where } = this.#question;
    const { entries } = this;
    const times = timesOf(this.#question, presentMs());
    const toMs = isLive(this.#question) ? times.toMs + AHEAD_MS : times.toMs;
    // Rows that were dropped at the old end are found by their time: there is no place for it.
    const place = entries.isCut
      ? { to: Math.min(toMs, entries.oldest!.timeMs + 1) }
      : { to: toMs, before: this.before };
    try {
      const page = await ask<Page>("/api/records", {
        ...{ kind, where, from: times.fromMs, limit: PAGE_ROWS },
        ...place,
      }, this.#controller.signal);
      this.#take(page);
    } catch (error) {
      if (this.#controller.signal.aborted) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, String(error));
      this.isLoading = false;
      this.#changed();
    }
  }

  #take({ rows, before, isComplete, reachedMs }: Page): void {
    keepRows(rows);
    const fresh = this.entries.append(rows);
    if (!this.entries.isCut || before === undefined) this.before = before;
    this.error = undefined;
    this.isLoading = false;
    this.isEnd = before === undefined && isComplete || fresh === 0 && rows.length > 0;
    // A full page has not looked through the rest either, but without being late.
    this.reachedMs = isComplete || rows.length >= PAGE_ROWS ? undefined : reachedMs;
    this.#changed();
  }
}

/**
 * Reads the rows of a view.
 *
 * @param isHeld Whether rows that arrive are held back.
 */
export function useRows(question: RowsQuestion, isHeld: boolean): Rows {
  const [, render] = useState({});
  const [attempt, setAttempt] = useState(0);
  const reading = useRef<Reading>(null);
  const hold = useRef(isHeld);
  hold.current = isHeld;
  const { kind, where, from, to } = question;
  const identity = JSON.stringify([kind, where, from, to, attempt]);
  const shown = useRef("");
  if (shown.current !== identity) {
    shown.current = identity;
    reading.current = new Reading(question, () => render({}), () => hold.current);
  }
  const current = reading.current!;
  useEffect(() => current.start(), [identity]);
  useEffect(() => {
    if (!isHeld) current.release();
  }, [isHeld, identity]);
  const { entries, held, losses, isLoading, isEnd, isFull, reachedMs, error } = current;
  return {
    ...{ entries: entries.list, losses, isLoading, isEnd, isFull, reachedMs, error },
    held: held.list.reduce((sum, entry) => sum + (entry.type === "row" ? 1 : entry.skipped), 0),
    more: () => {
      const isBegun = current.more();
      if (isBegun) render({});
      return isBegun;
    },
    retry: () => setAttempt((count) => count + 1),
  };
}

/** Receives the daemon's counters while no rows are received. */
export function useStats(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return;
    const close = listen(undefined, "", {
      stats: keepStats,
      state: (state) => liveState.set(state),
    });
    return () => {
      close();
      liveState.set(undefined);
    };
  }, [isWanted]);
}
