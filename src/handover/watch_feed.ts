/** Connection of a running process to a client that watches it. */

import { ERRNO } from "../../ffi/errno.ts";
import { ownUser, UnixSocket } from "../../ffi/unix_socket.ts";
import { InputError, NetlinkError } from "../errors.ts";
import { isTrusted } from "./protocol.ts";
import { END, textMessage, watchAddress } from "./watch_message.ts";

/** Bytes that wait for a client at most: two of the largest datagrams. */
const SEND_BUFFER = 512 * 1024;

/** Outcome of sending a message. */
export type Sent = "sent" | "full" | "closed";

/** Sends messages to a client without waiting. */
export class WatchFeed implements AsyncDisposable {
  /** Process id of the client. */
  readonly pid: number;
  readonly #socket: UnixSocket;

  private constructor(socket: UnixSocket, pid: number) {
    this.#socket = socket;
    this.pid = pid;
  }

  /**
   * Connects to a client.
   *
   * @param nonce Nonce of its request.
   * @throws {InputError} If another user's process listens there.
   * @throws {NetlinkError} If it cannot be reached.
   */
  static async open(nonce: string): Promise<WatchFeed> {
    await using opened = new AsyncDisposableStack();
    const socket = opened.use(UnixSocket.open("packets"));
    socket.setSendBuffer(SEND_BUFFER);
    socket.connect(watchAddress(nonce));
    const { peer } = socket;
    if (!isTrusted(peer, [ownUser()])) {
      const why = `only root and user ${ownUser()} may watch it, not user ${peer.uid}`;
      socket.send(textMessage(END, { why }), [], { mayWait: false });
      throw new InputError("", `Process ${peer.pid} asks to watch: ${why}`);
    }
    opened.move();
    return new WatchFeed(socket, peer.pid);
  }

  /** Sends a message if there is room. */
  send(message: Uint8Array<ArrayBuffer>): Sent {
    try {
      this.#socket.send(message, [], { mayWait: false });
      return "sent";
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      // EMSGSIZE: the kernel allows a smaller buffer than this message needs.
      return error.errno === ERRNO.EAGAIN || error.errno === ERRNO.EMSGSIZE ? "full" : "closed";
    }
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }
}
