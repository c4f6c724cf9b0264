/** A store that a thread of its own reads: the thread alone may access it. */

import { OutputError } from "../../errors.ts";
import { type Need, threadPermissions } from "../../permission.ts";
import type {
  Arrivals,
  Budget,
  Chart,
  ChartKey,
  Choice,
  Cursor,
  FoundRecord,
  Page,
  Row,
  Span,
  StoredKind,
  StoredLoss,
  StoreReader,
  StoreSummary,
  Top,
  TopKey,
} from "../../output/table/reading.ts";
import type { NatAnswer, NatQuestion } from "../../output/table/nat_question.ts";
import { threadUrl } from "../../threads.ts";
import {
  errorOf,
  type Found,
  type FromStore,
  type Questions,
  type StoreTarget,
  type ToStore,
} from "./messages.ts";

/** Module of the thread, below `src/`. */
export const STORE_THREAD = "web/store/worker.ts";
/** Interval of attempts to open a store that is away, in milliseconds. */
const RETRY_MS = 1000;

/** Time for the thread to end a cancelled question, in milliseconds. */
const CANCEL_MS = 2000;

/**
 * Time for the thread to take a message, in milliseconds. One that does not is in a query that
 * SQLite never ends, as of a view that calls itself: nothing can stop that but the process's end.
 */
const HUNG_MS = 60_000;

/** Question that waits for its answer. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Takes records of a download. */
  take?(records: readonly Found[]): Promise<boolean>;
}

/**
 * Reader of a store in a thread. The store is opened with the first question, and again after a
 * failure: it may be made later, or its server may come back.
 */
export class ThreadReader implements StoreReader {
  /** Resolves when the thread is loaded: until then it takes the rights of this process. */
  readonly loaded: Promise<void>;
  readonly #worker: Worker;
  readonly #loading = Promise.withResolvers<void>();
  readonly #target: StoreTarget;
  readonly #waiting = new Map<number, Waiting>();
  /** Settles when the store is open; undefined while it is not to be. */
  #opening: PromiseWithResolvers<void> | undefined;
  /** Reason of the last failure, and its time. */
  #failure: { error: Error; timeMs: number } | undefined;
  #hasEnded = false;
  readonly #onEnd: (error: Error) => void;
  readonly #hungMs: number;
  /** Ends the thread unless it sends a message before; undefined while that is not in doubt. */
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #next = 0;

  /**
   * Starts the thread, which gets rights for the store alone; this process may give them up once it is
   * {@linkcode loaded}.
   *
   * @param target The store.
   * @param needs Rights that it takes to read it.
   * @param onEnd Called if the thread fails: it cannot be started again without those rights.
   * @param hungMs Time for the thread to take a message, in milliseconds.
   */
  constructor(
    target: StoreTarget,
    needs: readonly Need[],
    onEnd: (error: Error) => void,
    hungMs: number = HUNG_MS,
  ) {
    this.#target = target;
    this.#onEnd = onEnd;
    this.#hungMs = hungMs;
    this.loaded = this.#loading.promise;
    this.#worker = new Worker(threadUrl(STORE_THREAD), {
      type: "module",
      name: "store",
      deno: { permissions: threadPermissions(needs) },
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromStore>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(`The thread that reads the store failed: ${event.message}`);
    };
  }

  /**
   * Opens the store, unless it is open.
   *
   * @throws {OutputError} If it cannot be read.
   */
  open(): Promise<void> {
    if (this.#opening !== undefined) return this.#opening.promise;
    const { error, timeMs } = this.#failure ?? {};
    if (error !== undefined && (this.#hasEnded || performance.now() - timeMs! < RETRY_MS)) {
      return Promise.reject(error);
    }
    this.#opening = Promise.withResolvers();
    this.#post({ kind: "open", target: this.#target });
    return this.#opening.promise;
  }

  summary(budget: Budget): Promise<StoreSummary> {
    return this.#ask("summary", [], budget);
  }

  page(choice: Choice, limit: number, before: Cursor | undefined, budget: Budget): Promise<Page> {
    return this.#ask("page", [choice, limit, before], budget);
  }

  arrived(
    choice: Omit<Choice, "span">,
    after: Cursor | undefined,
    limit: number,
    budget: Budget,
  ): Promise<Arrivals> {
    return this.#ask("arrived", [choice, after, limit], budget);
  }

  chart(choice: Choice, stepMs: number, by: ChartKey, budget: Budget): Promise<Chart> {
    return this.#ask("chart", [choice, stepMs, by], budget);
  }

  top(choice: Choice, keys: TopKey[], limit: number, budget: Budget): Promise<Top> {
    return this.#ask("top", [choice, keys, limit], budget);
  }

  record(kind: StoredKind, id: string, budget: Budget): Promise<FoundRecord | undefined> {
    return this.#ask("record", [kind, id], budget);
  }

  losses(span: Span, budget: Budget): Promise<StoredLoss[]> {
    return this.#ask("losses", [span], budget);
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    const budget = { ms: question.timeoutMs, signal: NEVER };
    return this.#ask("translations", [question], budget);
  }

  async each(
    choice: Choice,
    take: (row: Row, payload: Uint8Array | undefined) => Promise<boolean>,
    budget: Budget,
  ): Promise<void> {
    await this.#ask("each", [choice], budget, async (records) => {
      for (const [row, payload] of records) if (!await take(row, payload)) return false;
      return true;
    });
  }

  /** Ends the thread. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Error("The store was closed"));
    return Promise.resolve();
  }

  async #ask<T>(
    name: keyof Questions | "each",
    args: unknown[],
    { ms, signal }: Budget,
    take?: Waiting["take"],
  ): Promise<T> {
    signal.throwIfAborted();
    const overdue = setTimeout(() => this.#askWhetherItLives(), ms + CANCEL_MS);
    try {
      await this.open();
      signal.throwIfAborted();
    } catch (error) {
      clearTimeout(overdue);
      throw error;
    }
    const opening = this.#opening;
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject, ...take !== undefined && { take } });
    let late: ReturnType<typeof setTimeout> | undefined;
    const onAbort = () => {
      this.#post({ kind: "cancel", id });
      // The server of a database may be away without a word.
      late = setTimeout(() => reject(signal.reason), CANCEL_MS);
    };
    signal.addEventListener("abort", onAbort);
    this.#post({ kind: "ask", id, name, args, ms });
    try {
      return await promise as T;
    } catch (error) {
      // The thread tells that it was cancelled in words of its own.
      signal.throwIfAborted();
      // Its connection may be broken: the next question opens another one.
      if (error instanceof OutputError && this.#opening === opening) this.#opening = undefined;
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(late);
      clearTimeout(overdue);
      this.#waiting.delete(id);
    }
  }

  /** Fails unless the thread takes a message. */
  #askWhetherItLives(): void {
    if (this.#doubt !== undefined) return;
    this.#post({ kind: "ping" });
    this.#doubt = setTimeout(
      () =>
        this.#fail(
          `The thread that reads the store has not answered for ${
            this.#hungMs / 1000
          } s: a query ` +
            "does not end; look at the tables and views of the database, and start again",
        ),
      this.#hungMs,
    );
  }

  #take(message: FromStore): void {
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
    switch (message.kind) {
      case "loaded":
        return this.#loading.resolve();
      case "opened":
        return this.#opening?.resolve();
      case "refused":
        return this.#refuse(errorOf(message.error));
      case "answer":
        return this.#waiting.get(message.id)?.resolve(message.value);
      case "failed":
        return this.#waiting.get(message.id)?.reject(errorOf(message.error));
      case "records":
        void this.#takeRecords(message.id, message.records);
    }
  }

  async #takeRecords(id: number, records: readonly Found[]): Promise<void> {
    const waiting = this.#waiting.get(id);
    try {
      const goOn = await waiting?.take?.(records) ?? false;
      this.#post({ kind: "more", id, goOn });
    } catch (error) {
      waiting?.reject(error);
      this.#post({ kind: "cancel", id });
    }
  }

  /** Takes a failure to open. */
  #refuse(error: Error): void {
    this.#failure = { error, timeMs: performance.now() };
    this.#opening?.reject(error);
    this.#opening = undefined;
  }

  #fail(message: string): void {
    const error = new OutputError(this.#target.type, message);
    this.#end(error);
    this.#onEnd(error);
  }

  #end(error: Error): void {
    this.#hasEnded = true;
    clearTimeout(this.#doubt);
    this.#loading.resolve();
    this.#refuse(error);
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #post(message: ToStore): void {
    this.#worker.postMessage(message);
  }
}

const NEVER = new AbortController().signal;
