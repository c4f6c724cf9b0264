/**
 * A proxy that cuts connections: after so many bytes, or before the answer to a statement.
 *
 * @module
 */

/** Passes bytes between a client and a server on 127.0.0.1. */
export class CuttingProxy implements AsyncDisposable {
  /** Number of connections that were cut. */
  cuts = 0;
  readonly #server: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  readonly #done: Promise<void>;
  /** Bytes that may still pass, to the server and to the client. */
  #left: [number, number] = [Infinity, Infinity];
  /** Statement whose answer is kept back. */
  #statement: string | undefined;

  /** Begins to listen; `server` is the server's port. */
  constructor(server: number) {
    this.#server = server;
    this.#done = this.#serve();
  }

  /** Its port. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Cuts once, after so many bytes in a direction. */
  cutAfter(toServer: number, toClient: number): void {
    this.#left = [toServer, toClient];
  }

  /** Cuts once, when the server answers the next statement of this text. */
  cutAnswerTo(statement: string): void {
    this.#statement = statement;
  }

  /** Cuts all connections that are open. */
  cutNow(): void {
    for (const conn of this.#open) close(conn);
    this.#open.clear();
    this.cuts++;
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#open) close(conn);
    await this.#done;
  }

  async #serve(): Promise<void> {
    const passing: Promise<void>[] = [];
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#server });
      this.#open.add(client).add(server);
      passing.push(this.#pass(client, server, 0), this.#pass(server, client, 1));
    }
    await Promise.all(passing);
  }

  async #pass(from: Deno.Conn, to: Deno.Conn, direction: 0 | 1): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        const bytes = buffer.subarray(0, read);
        if (direction === 1 && this.#statement === "") {
          this.#statement = undefined;
          this.cuts++;
          break;
        }
        const isOne = this.#statement !== undefined && direction === 0 &&
          new TextDecoder().decode(bytes).includes(this.#statement);
        if (isOne) this.#statement = "";
        const passed = bytes.subarray(0, Math.min(read, this.#left[direction]));
        this.#left[direction] -= read;
        for (let at = 0; at < passed.length;) at += await to.write(passed.subarray(at));
        if (this.#left[direction] > 0) continue;
        this.#left = [Infinity, Infinity];
        this.cuts++;
        break;
      }
    } catch {
      // The other direction has cut it.
    }
    close(from);
    close(to);
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed before.
  }
}
