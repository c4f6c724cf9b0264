/** Sends records to a Unix socket, of type stream or datagram as the receiver made it. */

import { NetlinkError } from "../../errors.ts";
import type { Writer } from "../output.ts";
import { DatagramWriter } from "./datagram_writer.ts";
import type { CompleteRemoteOptions } from "./options.ts";
import type { Framing } from "./framing.ts";
import { SocketWriter } from "./socket_writer.ts";
import type { UnixReceiver } from "./url.ts";

/** `EPROTOTYPE` (asm-generic/errno.h): the socket has another type. */
const EPROTOTYPE = 91;

/** Sends records to a Unix socket. */
export class UnixWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  /** The first is used; the C library sends datagrams, to `/dev/log`, too, which Deno refuses. */
  #writers: readonly [Writer, Writer];

  /**
   * Creates a writer without connecting.
   *
   * @param receiver The socket.
   * @param options Complete options.
   * @param framing Framing of records in a stream.
   */
  constructor(receiver: UnixReceiver, options: CompleteRemoteOptions, framing?: Framing) {
    this.#writers = [
      new DatagramWriter(receiver, options.timeoutMs ?? Infinity),
      new SocketWriter(receiver, options, framing),
    ];
  }

  /**
   * Sends whole records.
   *
   * @throws {OutputError} If the receiver cannot be reached or does not take them in time.
   */
  async write(bytes: Uint8Array, packets: number): Promise<void> {
    const [writer, other] = this.#writers;
    try {
      await writer.write(bytes, packets);
    } catch (error) {
      if (!isOfOtherType((error as Error).cause)) throw error;
      this.#writers = [other, writer];
      await other.write(bytes, packets);
    }
  }

  /** Closes the connection. */
  close(): Promise<void> {
    return this.#writers[0].close();
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Returns whether a connection failed because the socket has another type. */
function isOfOtherType(cause: unknown): boolean {
  return cause instanceof NetlinkError
    ? cause.errno === EPROTOTYPE
    : String(cause).includes(`(os error ${EPROTOTYPE})`);
}
