/** Sends records as datagrams: UDP, or a Unix socket of type datagram. */

import { DatagramSocket } from "../../../ffi/datagram_socket.ts";
import { ERRNO } from "../../../ffi/errno.ts";
import { NetlinkError } from "../../errors.ts";
import type { Writer } from "../output.ts";
import { RefusedError, remoteFailure } from "./failure.ts";
import { datagramPerRecord, type Datagrams } from "./framing.ts";
import { describeReceiver, type HostReceiver, type UnixReceiver } from "./url.ts";

/** Sends records as datagrams. */
export class DatagramWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  readonly #receiver: HostReceiver | UnixReceiver;
  readonly #timeoutMs: number;
  readonly #datagrams: Datagrams;
  #socket: DatagramSocket | undefined;

  /**
   * Creates a writer without connecting.
   *
   * @param receiver Receiver of the records.
   * @param timeoutMs How long its queue may be full, in milliseconds.
   * @param datagrams Division of records into datagrams; one a line by default.
   */
  constructor(
    receiver: HostReceiver | UnixReceiver,
    timeoutMs: number,
    datagrams: Datagrams = datagramPerRecord(),
  ) {
    this.#receiver = receiver;
    this.#timeoutMs = timeoutMs;
    this.#datagrams = datagrams;
  }

  /**
   * Sends whole records.
   *
   * @throws {RefusedError} If records are too long for a datagram; the others were sent.
   * @throws {OutputError} If the receiver cannot be reached. Records before the failure were sent,
   *   and are sent again.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const tooLong: string[] = [];
    try {
      this.#socket ??= await this.#open();
      for (const datagram of this.#datagrams.split(bytes)) {
        if (await this.#send(this.#socket, datagram)) continue;
        tooLong.push(
          ...this.#datagrams.recordsOf?.(datagram) ?? [new TextDecoder().decode(datagram)],
        );
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
    this.#datagrams.begin?.();
    return receiver.kind === "unix"
      ? DatagramSocket.toPath(receiver.path)
      : await DatagramSocket.toHost(receiver.host, receiver.port);
  }

  /** Sends a datagram; returns false if it is too long. */
  async #send(socket: DatagramSocket, datagram: Uint8Array): Promise<boolean> {
    const untilMs = performance.now() + this.#timeoutMs;
    try {
      while (!socket.send(datagram)) {
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
