/**
 * A receiver's address whose connections fail as a test chooses.
 *
 * @module
 */

/**
 * Fate of a connection: forwarded; accepted and never answered; reset before the receiver has the
 * request, or once it has answered, before the answer arrives.
 */
export type Fate = "forward" | "stall" | "reset before" | "reset after";

/** Forwards TCP connections to another port, or does worse. */
export class FaultyProxy implements AsyncDisposable {
  /** Fate of the next connections; open ones keep theirs. */
  fate: Fate = "forward";
  /** Connections so far, by fate. */
  readonly seen: Record<Fate, number> = {
    "forward": 0,
    "stall": 0,
    "reset before": 0,
    "reset after": 0,
  };
  readonly port: number;
  readonly #target: number;
  readonly #open = new Set<Deno.Conn>();
  #listener: Deno.Listener;
  #accepting: Promise<void>;

  /** Listens in front of a port of this host. */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#accepting = this.#accept();
  }

  /** Closes the port and all connections: nothing listens there until {@linkcode comeBack}. */
  async goAway(): Promise<void> {
    this.#listener.close();
    this.breakAll();
    await this.#accepting;
  }

  /** Listens on the same port again. */
  comeBack(): void {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#accepting = this.#accept();
  }

  /** Closes all connections. */
  breakAll(): void {
    for (const connection of [...this.#open]) this.#close(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#open.add(connection);
        this.seen[this.fate]++;
        this.#serve(connection, this.fate).catch(() => this.#close(connection));
      }
    } catch {
      // The listener is closed.
    }
  }

  async #serve(client: Deno.Conn, fate: Fate): Promise<void> {
    if (fate === "stall") return;
    if (fate === "reset before") {
      // A socket that is closed with unread bytes is reset (RFC 1122 section 4.2.2.13).
      await client.read(new Uint8Array(1));
      return this.#close(client);
    }
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    this.#open.add(server);
    const forwarding = this.#copy(client, server).catch(() => {});
    if (fate === "forward") await this.#copy(server, client);
    else await server.read(new Uint8Array(1));
    this.#close(client);
    this.#close(server);
    await forwarding;
  }

  async #copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const bytes = new Uint8Array(64 * 1024);
    for (let length; (length = await from.read(bytes)) !== null;) {
      for (let at = 0; at < length;) at += await to.write(bytes.subarray(at, length));
    }
  }

  #close(connection: Deno.Conn): void {
    if (!this.#open.delete(connection)) return;
    connection.close();
  }
}
