/** Limits the number of connections. */

import type { Socket } from "node:net";

/**
 * Name of a connection: both ends, which TLS over it shares; the connection itself over a Unix
 * socket.
 */
type Name = string | Socket;

/**
 * Open connections. Where there are too many, the oldest one that is not being answered is closed:
 * silent clients cannot lock out others.
 */
export class Connections {
  readonly #most: number;
  /** In the order of arrival, or of their last request. */
  readonly #idle = new Map<Name, Socket>();
  readonly #answered = new Map<Name, Socket>();

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
      const [oldest] = this.#idle;
      // Where all are answered, the new one has to end.
      if (oldest === undefined) return void socket.destroy();
      this.#idle.delete(oldest[0]);
      oldest[1].destroy();
    }
    const name = nameOf(socket);
    this.#idle.set(name, socket);
    socket.once("close", () => {
      for (const open of [this.#idle, this.#answered]) {
        // Another connection may have the same name by now.
        if (open.get(name) === socket) open.delete(name);
      }
    });
  }

  /** Marks a connection as being answered, until {@linkcode rest}. */
  answer(socket: Socket): void {
    move(nameOf(socket), this.#idle, this.#answered);
  }

  /** Marks a connection as idle. */
  rest(socket: Socket): void {
    move(nameOf(socket), this.#answered, this.#idle);
  }

  /** Closes all. */
  close(): void {
    for (const open of [this.#idle, this.#answered]) {
      for (const socket of open.values()) socket.destroy();
    }
  }
}

function nameOf(socket: Socket): Name {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remotePort === undefined) return socket;
  // A port of a client's may have a connection to each address of this host.
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function move(name: Name, from: Map<Name, Socket>, to: Map<Name, Socket>): void {
  const socket = from.get(name);
  if (socket === undefined) return;
  from.delete(name);
  to.set(name, socket);
}
