/** Accepts untrusted clients within limits of number, time and rate. */

/** Connections after which accepting pauses, and for how long, in milliseconds. */
const BEFORE_PAUSE = 64;
const PAUSE_MS = 100;

/** Limits of clients. */
export interface ConnectionLimits {
  /** Open connections at the most; a further one closes the oldest. */
  most: number;
  /** Duration of a connection at the most, in milliseconds. */
  deadlineMs: number;
}

/**
 * Answers connections within limits: of number, so that descriptors and memory stay bounded and
 * silent clients cannot lock out others; of time; and of rate, so that a flood cannot delay
 * packets.
 */
export class ConnectionLimiter<Connection extends Deno.Conn> implements Disposable {
  readonly #listener: Deno.Listener<Connection>;
  readonly #answer: (connection: Connection) => Promise<void>;
  readonly #limits: ConnectionLimits;
  /** Open connections in the order of arrival, with their timers. */
  readonly #open = new Map<Connection, ReturnType<typeof setTimeout>>();
  readonly #ended: Promise<void>;
  #isClosed = false;
  #wake = () => {};

  /**
   * Starts to accept; connections do not keep the process alive.
   *
   * @param listener Listener; disposed with this.
   * @param answer Answers one connection, which is closed when the promise settles.
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

  /** Closes all connections and stops listening. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of [...this.#open.keys()]) this.#close(connection);
    this.#wake();
  }

  /** Stops; resolves when the listener is closed, which Deno does asynchronously. */
  close(): Promise<void> {
    this[Symbol.dispose]();
    return this.#ended;
  }

  async #receive(): Promise<void> {
    for (let count = 1; !this.#isClosed; count++) {
      try {
        this.#admit(await this.#listener.accept());
      } catch {
        // EMFILE: a later try may succeed.
        if (!this.#isClosed) await this.#pause();
      }
      if (count % BEFORE_PAUSE === 0 && !this.#isClosed) await this.#pause();
    }
  }

  #admit(connection: Connection): void {
    const [first] = this.#open.keys();
    if (first !== undefined && this.#open.size >= this.#limits.most) this.#close(first);
    const timer = setTimeout(() => this.#close(connection), this.#limits.deadlineMs);
    Deno.unrefTimer(timer);
    this.#open.set(connection, timer);
    // A client that disconnects is not an error.
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

/** Writes all bytes to a connection. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
