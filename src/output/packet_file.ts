/**
 * An output for programs: packets in, a file grows.
 *
 * @module
 */

import { Packet } from "../packet/packet.ts";
import type { Output, OutputStats } from "./output.ts";
import { NO_ROOM, UNFIT } from "../record/encoder.ts";

/** An open file of packets; closing it writes what is left. */
export class PacketFile implements AsyncDisposable {
  readonly #output: Output;

  /** Use {@linkcode pcapFile} or {@linkcode logemuFile}. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** What has been counted so far. */
  get stats(): OutputStats {
    return this.#output.stats;
  }

  /**
   * Writes a packet.
   *
   * @param packet The packet.
   * @returns Whether the format can hold it: a pcap file of link type RAW holds IPv4 and IPv6 only.
   * @throws {OutputError} If the file cannot be written; it ends at a whole record all the same.
   * @throws {StalePacketError} If the packet's memory was used again before it could be written.
   */
  async write(packet: Packet): Promise<boolean> {
    let length = this.#output.take(Packet.rawOf(packet));
    while (length === NO_ROOM) {
      await this.#output.flush();
      length = this.#output.take(Packet.rawOf(packet));
    }
    if (this.#output.sync) await this.#output.flush();
    return length !== UNFIT;
  }

  /**
   * Writes what is left and opens the path anew if the file was moved away, as
   * logrotate does it. A file that is still there is gone on with.
   *
   * @throws {OutputError} If that cannot be; the file before stays in use.
   */
  reopen(): Promise<void> {
    return this.#output.reopen();
  }

  /** Writes what is left and closes the file. */
  close(): Promise<void> {
    return this.#output.close();
  }

  /** Writes what is left and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
