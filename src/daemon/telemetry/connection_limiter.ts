/**
 * Connections from whoever may come: many, silent, slow, or talking nonsense.
 *
 * @module
 */

/** After so many connections there is a pause, in milliseconds: see {@linkcode ConnectionLimiter}. */
const BEFORE_PAUSE = 64;
const PAUSE_MS = 100;

/** What visitors may take. */
export interface ConnectionLimits {
  /** How many are let in at once; one more, and the one that came first must go. */
  most: number;
  /** How long a visit may take, in milliseconds; then it is closed. */
  deadlineMs: number;
}

/**
 * Answers each connection, within limits: of number, so that descriptors and
 * memory stay bounded and a flood of silent ones locks nobody out; of time; and of
 * pace, so that a flood cannot keep nfscribe from its packets.
 */
export class ConnectionLimiter<Connection extends Deno.Conn> implements Disposable {
  readonly #listener: Deno.Listener<Connection>;
  readonly #answer: (connection: Connection) => Promise<void>;
  readonly #limits: ConnectionLimits;
  /** Those that are open, in the order in which they came, and their timers. */
  readonly #open = new Map<Connection, ReturnType<typeof setTimeout>>();
  readonly #ended: Promise<void>;
  #isClosed = false;
  #wake = () => {};

  /**
   * Begins to take connections; none of them keeps the process alive.
   *
   * @param listener Where they come from; it is closed with this.
   * @param answer Answers one; the connection is closed when it is done, or fails.
   * @param limits What they may take.
   */
  constructor(
    listener: Deno.Listener<Connection>,
    answer: (connection: Connection) => Promise<void>,
    limits: ConnectionLimits,
  ) {
    this.#listener = listener;
    this.#answer = answer;
    this.#limits = limits;
    listener.unref();
    this.#ended = this.#receive();
  }

  /** Sends everybody away and listens no more. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of [...this.#open.keys()]) this.#close(connection);
    this.#wake();
  }

  /** Does that, and waits until nobody can connect any more: Deno closes a listener a moment later. */
  close(): Promise<void> {
    this[Symbol.dispose]();
    return this.#ended;
  }

  async #receive(): Promise<void> {
    for (let count = 1; !this.#isClosed; count++) {
      try {
        this.#letIn(await this.#listener.accept());
      } catch {
        // With too many open files, none can be taken now, but later.
        if (!this.#isClosed) await this.#pause();
      }
      if (count % BEFORE_PAUSE === 0 && !this.#isClosed) await this.#pause();
    }
  }

  #letIn(connection: Connection): void {
    const [first] = this.#open.keys();
    if (first !== undefined && this.#open.size >= this.#limits.most) this.#close(first);
    const timer = setTimeout(() => this.#close(connection), this.#limits.deadlineMs);
    Deno.unrefTimer(timer);
    this.#open.set(connection, timer);
    // A visitor that is gone is no reason to stop.
    Promise.try(this.#answer, connection).catch(() => {}).finally(() => this.#close(connection));
  }

  #close(connection: Connection): void {
    const timer = this.#open.get(connection);
    if (!this.#open.delete(connection)) return;
    clearTimeout(timer);
    connection.close();
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PAUSE_MS);
    Deno.unrefTimer(timer);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}

/** Writes all bytes to a connection, however slowly they are taken. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
