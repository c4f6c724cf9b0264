/** Connection of `nfscribe watch --running` to the process that it watches. */

import { ERRNO } from "../../ffi/errno.ts";
import { ownUser, UnixSocket } from "../../ffi/unix_socket.ts";
import { InputError, NetlinkError } from "../errors.ts";
import { encodeMessage, newNonce } from "./protocol.ts";
import { END, messageKind, messageText, watchAddress } from "./watch_message.ts";

/** Time for the running process to connect, in milliseconds. */
const ANSWER_MS = 5000;
/** Interval at which a wait ends without a message, in milliseconds. */
const WAIT_MS = 200;

/** Limit of the first message, in bytes: it names the sources. */
const FIRST_MAX = 256 * 1024;

const NOTHING = new Uint8Array(0);

/** Connection of a client. */
export class WatchClient implements AsyncDisposable {
  readonly #socket: UnixSocket;
  /** First message, which tells whether this one may watch. */
  #first: Uint8Array<ArrayBuffer> | undefined;
  /** Process id of the process that is watched. */
  readonly pid: number;

  private constructor(socket: UnixSocket, pid: number, first: Uint8Array<ArrayBuffer>) {
    this.#socket = socket;
    this.#first = first;
    this.pid = pid;
  }

  /**
   * Asks the process that listens on a socket for counters.
   *
   * @param path The socket.
   * @returns Connection; undefined if no process listens there.
   * @throws {InputError} If it does not answer, or this process may not watch it.
   */
  static async open(path: string): Promise<WatchClient | undefined> {
    await using stats = UnixSocket.open("stream");
    await using listener = UnixSocket.open("packets");
    try {
      stats.connect(path);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.errno === ERRNO.ENOENT || error.errno === ERRNO.ECONNREFUSED) return undefined;
      throw new InputError(path, `Cannot watch at ${path}: ${reason(error)}`, { cause: error });
    }
    const nonce = newNonce();
    listener.bind(watchAddress(nonce));
    listener.listen();
    stats.send(encodeMessage({ watch: nonce }));
    const { pid } = stats.peer;
    const deadlineMs = performance.now() + ANSWER_MS;
    while (await listener.wait(deadlineMs - performance.now())) {
      const socket = listener.accept();
      // Its user may be another one by now, but the process is the same.
      if (socket?.peer.pid === pid) return await WatchClient.#begin(path, socket, pid);
      await socket?.close();
    }
    throw new InputError(
      path,
      `Cannot watch at ${path}: process ${pid} does not answer. It is an older nfscribe, ` +
        `or in another network namespace: nsenter --net=/proc/${pid}/ns/net nfscribe watch …`,
    );
  }

  static async #begin(path: string, socket: UnixSocket, pid: number): Promise<WatchClient> {
    await using opened = new AsyncDisposableStack();
    opened.use(socket);
    await socket.wait(ANSWER_MS);
    const first = socket.receive(FIRST_MAX)?.bytes ?? NOTHING;
    if (first.length === 0 || messageKind(first) === END) {
      const why = messageText(first)?.why ?? `process ${pid} has closed the connection`;
      throw new InputError(path, `Cannot watch at ${path}: ${why}`);
    }
    opened.move();
    return new WatchClient(socket, pid, first);
  }

  /**
   * Receives a message without waiting.
   *
   * @param memory Memory for it.
   * @returns The message, empty at the end of the connection; undefined if there is none.
   */
  receive(memory: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      memory.set(first);
      return memory.subarray(0, first.length);
    }
    return this.#socket.receive(memory.length, memory)?.bytes;
  }

  /** Waits until a message can be received; for a fifth of a second at the most. */
  async wait(): Promise<void> {
    await this.#socket.wait(WAIT_MS);
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}

function reason({ errno, message }: NetlinkError): string {
  if (errno !== ERRNO.EACCES) return message;
  const user = ownUser();
  return `the system denies it to user ${user}; only root and the user that runs nfscribe may watch`;
}
