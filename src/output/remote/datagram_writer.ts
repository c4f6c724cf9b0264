/** Sends each record as a datagram: UDP, or a Unix socket of type datagram. */

import { DatagramSocket } from "../../../ffi/datagram_socket.ts";
import type { Writer } from "../output.ts";
import { remoteFailure } from "./failure.ts";
import { endOfRecord } from "./split.ts";
import type { HostReceiver, UnixReceiver } from "./url.ts";

/** Interval of attempts while the receiver's queue is full, in milliseconds. */
const FULL_MS = 5;

/** Sends records as datagrams. */
export class DatagramWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  readonly #receiver: HostReceiver | UnixReceiver;
  readonly #timeoutMs: number;
  #socket: DatagramSocket | undefined;

  /**
   * Creates a writer without connecting.
   *
   * @param receiver Receiver of the records.
   * @param timeoutMs How long its queue may be full, in milliseconds.
   */
  constructor(receiver: HostReceiver | UnixReceiver, timeoutMs: number) {
    this.#receiver = receiver;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends whole records; a newline at the end of a record is left out.
   *
   * @throws {OutputError} If the receiver cannot be reached. Records before the failure were sent,
   *   and are sent again.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#socket ??= await this.#open();
      for (let at = 0; at < bytes.length;) {
        const end = endOfRecord(bytes, at);
        await this.#send(this.#socket, bytes.subarray(at, end - 1));
        at = end;
      }
    } catch (error) {
      await this.close();
      throw remoteFailure(this.#receiver, "send", error);
    }
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

  async #send(socket: DatagramSocket, record: Uint8Array): Promise<void> {
    const untilMs = performance.now() + this.#timeoutMs;
    while (!socket.send(record)) {
      if (performance.now() > untilMs) throw new Error("it takes no more records");
      await new Promise((resolve) => setTimeout(resolve, FULL_MS));
    }
  }
}
