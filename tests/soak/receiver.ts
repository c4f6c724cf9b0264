/**
 * Receives messages over TCP, and counts them.
 *
 * @module
 */

const NEWLINE = 10;

/** A receiver of messages that end with a newline. */
export class LineReceiver implements Disposable {
  /** Messages so far. */
  lines = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  /** Listens on a free port of 127.0.0.1. */
  constructor() {
    void this.#accept();
  }

  /** Its port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#count(connection).catch((error) => console.error(`A receiver failed: ${error}`));
    }
  }

  async #count(connection: Deno.Conn): Promise<void> {
    using _ = connection;
    const buffer = new Uint8Array(1 << 18);
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) return;
      const bytes = buffer.subarray(0, length);
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
        this.lines++;
      }
    }
  }
}
