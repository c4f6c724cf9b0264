/** Sends each record as a datagram: UDP, or a Unix socket of type datagram. */

import { DatagramSocket } from "../../../ffi/datagram_socket.ts";
import { ERRNO } from "../../../ffi/errno.ts";
import { NetlinkError } from "../../errors.ts";
import type { Writer } from "../output.ts";
import { RefusedError, remoteFailure } from "./failure.ts";
import { endOfRecord } from "./split.ts";
import { describeReceiver, type HostReceiver, type UnixReceiver } from "./url.ts";

/** Sends records as datagrams. */
export class DatagramWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  readonly #receiver: HostReceiver | UnixReceiver;
  readonly #timeoutMs: number;
  readonly #endOf: (bytes: Uint8Array, from: number) => number;
  #socket: DatagramSocket | undefined;

  /**
   * Creates a writer without connecting.
   *
   * @param receiver Receiver of the records.
   * @param timeoutMs How long its queue may be full, in milliseconds.
   * @param endOf Returns the end of the record that begins at an offset; a line by default.
   */
  constructor(
    receiver: HostReceiver | UnixReceiver,
    timeoutMs: number,
    endOf: (bytes: Uint8Array, from: number) => number = endOfRecord,
  ) {
    this.#receiver = receiver;
    this.#timeoutMs = timeoutMs;
    this.#endOf = endOf;
  }

  /**
   * Sends whole records; a newline at the end of a record is left out.
   *
   * @throws {RefusedError} If records are too long for a datagram; the others were sent.
   * @throws {OutputError} If the receiver cannot be reached. Records before the failure were sent,
   *   and are sent again.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const tooLong: string[] = [];
    try {
      this.#socket ??= await this.#open();
      for (let at = 0; at < bytes.length;) {
        const end = this.#endOf(bytes, at);
        const record = bytes.subarray(at, end - 1);
        if (!await this.#send(this.#socket, record)) tooLong.push(new TextDecoder().decode(record));
        at = end;
      }
    } catch (error) {
      await this.close();
      throw remoteFailure(this.#receiver, "send", error);
    }
    if (tooLong.length === 0) return;
    const where = describeReceiver(this.#receiver);
    throw new RefusedError(where, `Records are too long for a datagram to ${where}`, tooLong);
  }

  /** Closes the socket. */
  close(): Promise<void> {
    this.#socket?.close();
    this.#socket = undefined;
    return Promise.resolve();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<DatagramSocket> {
    const receiver = this.#receiver;
    return receiver.kind === "unix"
      ? DatagramSocket.toPath(receiver.path)
      : await DatagramSocket.toHost(receiver.host, receiver.port);
  }

  /** Sends a record; returns false if it is too long for a datagram. */
  async #send(socket: DatagramSocket, record: Uint8Array): Promise<boolean> {
    const untilMs = performance.now() + this.#timeoutMs;
    try {
      while (!socket.send(record)) {
        if (performance.now() > untilMs) throw new Error("it takes no more records");
        await socket.waitForRoom();
      }
      return true;
    } catch (error) {
      if (error instanceof NetlinkError && error.errno === ERRNO.EMSGSIZE) return false;
      throw error;
    }
  }
}
