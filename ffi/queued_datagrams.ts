/** Datagrams of a netlink socket, of which small ones are received many at a time. */

import { loadBatchSymbols, MessageBatch } from "./message_batch.ts";
import { type NetlinkSocket, NOTHING_QUEUED } from "./netlink_socket.ts";

/** Datagrams of one system call. */
const CAPACITY = 32;
/** Size of the largest datagram after which several are received at a time, in bytes. */
const SMALL = 4096;

/** Receives the datagrams of a socket. */
export class QueuedDatagrams {
  /** Port id of the last datagram's sender; 0 is the kernel. */
  senderPortId = 0;
  /** Whether the last datagram came from the kernel in this call, and not from an earlier one. */
  isFresh = true;
  readonly #socket: NetlinkSocket;
  readonly #size: number;
  #batch: MessageBatch | undefined;
  /** Datagrams of the batch, and those of them that were taken. */
  #count = 0;
  #taken = 0;
  /** Whether the last datagram was small. */
  #isSmall = false;

  /**
   * Creates it with nothing received.
   *
   * @param socket The socket.
   * @param size Size of the largest datagram, in bytes.
   */
  constructor(socket: NetlinkSocket, size: number) {
    this.#socket = socket;
    this.#size = size;
    loadBatchSymbols();
  }

  /** Number of datagrams that were received and not taken. */
  get waiting(): number {
    return this.#count - this.#taken;
  }

  /** Length in bytes of the next of them; 0 if there is none. */
  get waitingLength(): number {
    return this.waiting > 0 ? this.#batch!.lengthOf(this.#taken) : 0;
  }

  /**
   * Takes one datagram without blocking.
   *
   * @param buffer Buffer for the datagram.
   * @param at Offset in the buffer; only 0 unless one is waiting.
   * @returns Length of the datagram in bytes, more than the buffer's if it was cut;
   *   {@linkcode NOTHING_QUEUED} if there is none.
   * @throws {NetlinkError} If the kernel reports another error than an empty queue.
   */
  receive(buffer: Uint8Array, at = 0): number {
    this.isFresh = false;
    if (this.waiting > 0) return this.#take(buffer, at);
    this.isFresh = true;
    if (this.#isSmall) return this.#receiveMany(buffer);
    const length = this.#socket.receive(buffer);
    this.senderPortId = this.#socket.senderPortId;
    this.#isSmall = length !== NOTHING_QUEUED && length <= SMALL;
    return length;
  }

  #receiveMany(buffer: Uint8Array): number {
    const batch = this.#batch ??= new MessageBatch(CAPACITY, this.#size);
    this.#count = batch.receive(this.#socket.descriptor);
    this.#taken = 0;
    return this.#count === 0 ? NOTHING_QUEUED : this.#take(buffer, 0);
  }

  #take(buffer: Uint8Array, at: number): number {
    const batch = this.#batch!;
    const index = this.#taken++;
    batch.copyTo(index, buffer, at);
    this.senderPortId = batch.portIdOf(index);
    const length = batch.lengthOf(index);
    if (length > SMALL) this.#isSmall = false;
    return length;
  }
}
