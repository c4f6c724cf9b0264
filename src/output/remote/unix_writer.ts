/** Sends records to a Unix socket, of type stream or datagram as the receiver made it. */

import type { Writer } from "../output.ts";
import { DatagramWriter } from "./datagram_writer.ts";
import type { CompleteRemoteOptions } from "./options.ts";
import { type Framing, SocketWriter } from "./socket_writer.ts";
import type { UnixReceiver } from "./url.ts";

/** `EPROTOTYPE` (asm-generic/errno.h): the socket has another type. */
const EPROTOTYPE = /\(os error 91\)/;

/** Sends records to a Unix socket. */
export class UnixWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  readonly #receiver: UnixReceiver;
  readonly #timeoutMs: number;
  #writer: Writer;

  /**
   * Creates a writer without connecting.
   *
   * @param receiver The socket.
   * @param options Complete options.
   * @param framing Framing of records in a stream.
   */
  constructor(receiver: UnixReceiver, options: CompleteRemoteOptions, framing?: Framing) {
    this.#receiver = receiver;
    this.#timeoutMs = options.timeoutMs ?? Infinity;
    this.#writer = new SocketWriter(receiver, options, framing);
  }

  /**
   * Sends whole records.
   *
   * @throws {OutputError} If the receiver cannot be reached or does not take them in time.
   */
  async write(bytes: Uint8Array, packets: number): Promise<void> {
    try {
      await this.#writer.write(bytes, packets);
    } catch (error) {
      if (!EPROTOTYPE.test(String((error as Error).cause))) throw error;
      this.#writer = new DatagramWriter(this.#receiver, this.#timeoutMs);
      await this.#writer.write(bytes, packets);
    }
  }

  /** Closes the connection. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
