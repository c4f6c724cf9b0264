/** Limits the number of connections. */

import type { Socket } from "node:net";

/**
 * Open connections. Where there are too many, the oldest one that is not being answered is closed:
 * silent clients cannot lock out others.
 */
export class Connections {
  readonly #most: number;
  /** In the order of arrival, or of their last request. */
  readonly #idle = new Set<Socket>();
  readonly #answered = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Number of open connections. */
  get size(): number {
    return this.#idle.size + this.#answered.size;
  }

  /** Takes a new connection. */
  add(socket: Socket): void {
    if (this.size >= this.#most) {
      // Where all are answered, the new one has to go.
      const [oldest = socket] = this.#idle;
      this.#idle.delete(oldest);
      oldest.destroy();
      if (oldest === socket) return;
    }
    this.#idle.add(socket);
    socket.once("close", () => {
      this.#idle.delete(socket);
      this.#answered.delete(socket);
    });
  }

  /** Marks a connection as being answered, until {@linkcode rest}. */
  answer(socket: Socket): void {
    if (this.#idle.delete(socket)) this.#answered.add(socket);
  }

  /** Marks a connection as idle. */
  rest(socket: Socket): void {
    if (this.#answered.delete(socket)) this.#idle.add(socket);
  }

  /** Closes all. */
  close(): void {
    for (const socket of [...this.#idle, ...this.#answered]) socket.destroy();
  }
}
