/**
 * The side of a takeover that ends: it gives its sockets away.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { ownUser, UnixSocket } from "../../ffi/unix_socket.ts";
import { unixSymbols } from "../../ffi/unix_symbols.ts";
import {
  decodeMessage,
  encodeMessage,
  isTrusted,
  SOCKETS_PER_MESSAGE,
  takeoverAddress,
  takeoverError,
} from "./protocol.ts";
import { encodeState, type LiveSource } from "./state.ts";

/** How long the new process may take to say that it goes on, in milliseconds. */
const ANSWER_MS = 5000;

/** Opens what a takeover needs of the C library, while there is a right to. */
export function prepareTakeover(): void {
  libc();
  unixSymbols();
}

/** A connection to the process that takes over. */
export class HandoverServer implements AsyncDisposable {
  /** The process that takes over. */
  readonly pid: number;
  readonly #socket: UnixSocket;

  private constructor(socket: UnixSocket, pid: number) {
    this.#socket = socket;
    this.pid = pid;
  }

  /**
   * Answers a request.
   *
   * @param statsPath The socket for counters, on which it came.
   * @param word What it said.
   * @returns The connection, once the other process waits for the sockets: from now on this one
   * receives no more, writes what it has, and then calls {@linkcode give}.
   * @throws {InputError} If it may not have them, or went away: this process goes on.
   */
  static async answer(statsPath: string, word: string): Promise<HandoverServer> {
    await using opened = new AsyncDisposableStack();
    const socket = opened.use(UnixSocket.open("packets"));
    socket.connect(takeoverAddress(word));
    const { peer } = socket;
    if (!isTrusted(peer, [ownUser()])) {
      throw takeoverError(statsPath, `process ${peer.pid} of user ${peer.uid} asks for it`);
    }
    socket.send(encodeMessage({ ready: true }));
    const isThere = await socket.wait(ANSWER_MS);
    const answer = isThere ? socket.receive() : undefined;
    if (answer === undefined || decodeMessage(answer.bytes)?.go !== true) {
      throw takeoverError(statsPath, `process ${peer.pid} asked for it, and went away`);
    }
    opened.move();
    return new HandoverServer(socket, peer.pid);
  }

  /**
   * Gives sockets away, with all that the other process must know.
   *
   * @param sources The sockets. They stay open here, too: nothing may be received from them any more.
   * @throws {NetlinkError} If the other process is gone; nobody has them then but this one.
   */
  give(sources: readonly LiveSource[]): void {
    for (let at = 0; at < sources.length; at += SOCKETS_PER_MESSAGE) {
      const part = sources.slice(at, at + SOCKETS_PER_MESSAGE);
      this.#socket.send(encodeState(part), part.map(({ descriptor }) => descriptor));
    }
    this.#socket.send(encodeMessage({ done: true }));
  }

  /** Ends the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
