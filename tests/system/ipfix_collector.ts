/**
 * Collector of IPFIX over TCP, for tests.
 *
 * @module
 */

import { IpfixReader, type Message } from "../output/ipfix/reader.ts";
import { concat } from "../packet/sample.ts";

/** Collector over TCP: each connection is a session of its own. */
export class Collector implements AsyncDisposable {
  /** URL for an output. */
  readonly url: string;
  /** Bytes of each connection. */
  readonly sessions: Uint8Array[] = [];
  /** Number of connections that are open. */
  open = 0;
  readonly #connections: Deno.Conn[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #done: Promise<void>;

  constructor() {
    this.url = `tcp://127.0.0.1:${this.#listener.addr.port}`;
    this.#done = this.#accept();
  }

  /** Messages of all sessions; of each the whole ones. */
  get messages(): Message[][] {
    return this.sessions.map((bytes) => new IpfixReader().readAll(wholeMessages(bytes)));
  }

  /** Breaks all connections. */
  breakAll(): void {
    for (const connection of this.#connections.splice(0)) {
      try {
        connection.close();
      } catch {
        // The other side closed it.
      }
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.open++;
      this.#connections.push(connection);
      this.#read(connection, this.sessions.push(new Uint8Array(0)) - 1);
    }
  }

  async #read(connection: Deno.Conn, session: number): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let length; (length = await connection.read(buffer)) !== null;) {
        this.sessions[session] = concat(this.sessions[session]!, buffer.slice(0, length));
      }
    } catch {
      // A connection that the test broke.
    }
    this.open--;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.breakAll();
    await this.#done;
  }
}

/** Cuts off a message that a broken connection left. */
function wholeMessages(bytes: Uint8Array): Uint8Array {
  let end = 0;
  for (let next = 0; next <= bytes.length; end = next, next += lengthAt(bytes, next)) {
    if (next + 4 > bytes.length) return bytes.subarray(0, next === bytes.length ? next : end);
  }
  return bytes.subarray(0, end);
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return bytes[at + 2]! << 8 | bytes[at + 3]!;
}
