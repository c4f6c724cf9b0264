/**
 * Old process of a takeover: sends its sockets to the new one.
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

/** Time for the new process to confirm, in milliseconds. */
const ANSWER_MS = 5000;

/** Loads the symbols of the C library for a takeover, before the right for that is dropped. */
export function prepareTakeover(): void {
  libc();
  unixSymbols();
}

/** Connection to the new process. */
export class HandoverServer implements AsyncDisposable {
  readonly pid: number;
  readonly #socket: UnixSocket;

  private constructor(socket: UnixSocket, pid: number) {
    this.#socket = socket;
    this.pid = pid;
  }

  /**
   * Answers a request.
   *
   * @param statsPath Socket for counters, on which it was received.
   * @param nonce Nonce of the request.
   * @returns Connection, once the new process waits for the sockets: from now on this process receives no
   * more packets, writes the received ones, and then calls {@linkcode sendSockets}.
   * @throws {InputError} If the peer is not trusted, or disconnected: this process continues.
   */
  static async answer(statsPath: string, nonce: string): Promise<HandoverServer> {
    await using opened = new AsyncDisposableStack();
    const socket = opened.use(UnixSocket.open("packets"));
    socket.connect(takeoverAddress(nonce));
    const { peer } = socket;
    if (!isTrusted(peer, [ownUser()])) {
      throw takeoverError(statsPath, `process ${peer.pid} of user ${peer.uid} requests it`);
    }
    socket.send(encodeMessage({ ready: true }));
    const isThere = await socket.wait(ANSWER_MS);
    const answer = isThere ? socket.receive() : undefined;
    if (answer === undefined || decodeMessage(answer.bytes)?.go !== true) {
      throw takeoverError(statsPath, `process ${peer.pid} requested it, and disconnected`);
    }
    opened.move();
    return new HandoverServer(socket, peer.pid);
  }

  /**
   * Sends sockets with their state.
   *
   * @param sources Sources with sockets. These stay open here, too, but must not be received from
   * any more.
   * @throws {NetlinkError} If the new process has ended; only this process has the sockets then.
   */
  sendSockets(sources: readonly LiveSource[]): void {
    for (let at = 0; at < sources.length; at += SOCKETS_PER_MESSAGE) {
      const part = sources.slice(at, at + SOCKETS_PER_MESSAGE);
      this.#socket.send(encodeState(part), part.map(({ descriptor }) => descriptor));
    }
    this.#socket.send(encodeMessage({ done: true }));
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
