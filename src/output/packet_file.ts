/** Files of packets for programs. */

import { Packet } from "../packet/packet.ts";
import type { Output, OutputStats } from "./output.ts";
import { NO_ROOM, UNFIT } from "../record/encoder.ts";

/** An open file of packets; closing it writes the rest. */
export class PacketFile implements AsyncDisposable {
  readonly #output: Output;

  /** Not for direct use: call {@linkcode pcapFile} or {@linkcode logemuFile}. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** Current counters. */
  get stats(): OutputStats {
    return this.#output.stats;
  }

  /**
   * Writes a packet.
   *
   * @param packet The packet.
   * @returns Whether the format can hold it: a pcap file of link type RAW holds only IPv4 and IPv6.
   * @throws {OutputError} If the file cannot be written; it still ends at a whole record.
   * @throws {StalePacketError} If the packet's memory was reused before it could be written.
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
   * Writes the rest and reopens the path if the file was moved away, as logrotate does. If the file
   * is still there, writing continues in it.
   *
   * @throws {OutputError} If that fails; the previous file stays in use.
   */
  reopen(): Promise<void> {
    return this.#output.reopen();
  }

  /** Writes the rest and closes the file. */
  close(): Promise<void> {
    return this.#output.close();
  }

  /** Writes the rest and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
