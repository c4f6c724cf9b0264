/** Decoders of netlink sockets. */

import { Memory } from "../bytes/memory.ts";
import { wordAlign } from "../bytes/write.ts";
import { NLMSG_HDRLEN } from "../netlink/message.ts";
import { ABSENT } from "../packet/absent.ts";

/** Steps through the netlink messages of datagrams; subclasses decode their contents. */
export abstract class MessageDecoder {
  /** Records received, malformed ones included. */
  received = 0;
  /** Malformed records, which were skipped. */
  malformed = 0;
  /** Offset of the next message in the memory. */
  position = 0;
  /** Memory with the datagram. */
  protected memory: Memory = NOTHING;
  /** Offset after the current message. */
  protected messageEnd = 0;
  protected receivedSeconds = 0;
  protected receivedNanoseconds = 0;
  #end = 0;

  /**
   * Begins a datagram and discards the rest of the previous one.
   *
   * @param memory Memory with the datagram.
   * @param offset Its first byte, a multiple of 4.
   * @param length Its length in bytes.
   * @param seconds Time of receipt, in seconds since the Unix epoch.
   * @param nanoseconds Nanoseconds past that second.
   */
  begin(
    memory: Memory,
    offset: number,
    length: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    this.memory = memory;
    this.position = offset;
    this.#end = offset + length;
    this.receivedSeconds = seconds;
    this.receivedNanoseconds = nanoseconds;
  }

  /**
   * Steps to the next message. One whose length cannot be right is malformed and the last.
   *
   * @returns Its offset; ABSENT at the datagram's end.
   */
  protected nextMessage(): number {
    const at = this.position;
    const left = this.#end - at;
    if (left <= 0) return ABSENT;
    const length = left >= NLMSG_HDRLEN ? this.memory.words[at >> 2]! : 0;
    if (length < NLMSG_HDRLEN || length > left) {
      this.position = this.#end;
      this.countMalformed();
      return ABSENT;
    }
    this.position = at + wordAlign(length);
    this.messageEnd = at + length;
    return at;
  }

  /** Counts a malformed record. */
  protected countMalformed(): void {
    this.received++;
    this.malformed++;
  }
}

const NOTHING = new Memory(new ArrayBuffer(0));
