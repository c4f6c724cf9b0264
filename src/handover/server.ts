/** Old process of a takeover: sends its sockets to the new one. */

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

/** Time for the new process to confirm each step, in milliseconds. */
const ANSWER_MS = 5000;

/** Message of a peer that has disconnected. */
const NOTHING = new Uint8Array(0);

/** Loads the symbols of the C library for a takeover, before the right for that is dropped. */
export function prepareTakeover(): void {
  libc();
  unixSymbols();
}

/** Connection to the new process. */
export class HandoverServer implements AsyncDisposable {
  readonly pid: number;
  readonly #socket: UnixSocket;
  /** Whether the new process will confirm that it reads. */
  readonly #confirms: boolean;

  private constructor(socket: UnixSocket, pid: number, confirms: boolean) {
    this.#socket = socket;
    this.pid = pid;
    this.#confirms = confirms;
  }

  /**
   * Answers a request.
   *
   * @param statsPath Socket for counters, on which it was received.
   * @param nonce Nonce of the request.
   * @returns Connection, once the new process waits for the sockets: from now on this process receives no
   * more packets, writes the received ones, calls {@linkcode sendSockets}, and then
   * {@linkcode isConfirmed}.
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
    const answer = isThere ? decodeMessage(socket.receive()?.bytes ?? NOTHING) : undefined;
    if (answer?.go !== true) {
      throw takeoverError(statsPath, `process ${peer.pid} requested it, and disconnected`);
    }
    opened.move();
    return new HandoverServer(socket, peer.pid, answer.confirms === true);
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

  /**
   * Waits until the new process has opened everything and is about to read.
   *
   * @returns Whether it has; otherwise it has ended, or has received that this process reads again, and
   * has closed its files.
   */
  async isConfirmed(): Promise<boolean> {
    if (!this.#confirms) return true;
    await this.#socket.wait(ANSWER_MS);
    const message = this.#socket.receive();
    if (decodeMessage(message?.bytes ?? NOTHING)?.reads === true) return true;
    if (message === undefined) {
      this.#send({ kept: true });
      await this.#socket.wait(ANSWER_MS);
    }
    return false;
  }

  /** Tells the new process that this one has left everything to it. */
  leave(): void {
    if (this.#confirms) this.#send({ left: true });
  }

  #send(message: Record<string, unknown>): void {
    try {
      this.#socket.send(encodeMessage(message));
    } catch {
      // It has ended.
    }
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
