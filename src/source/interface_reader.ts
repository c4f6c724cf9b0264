/** Names of network interfaces, from the kernel: a dump at first, then changes. */

import { NETLINK_ROUTE, NetlinkSocket, NOTHING_QUEUED } from "../../ffi/netlink_socket.ts";
import { NetlinkError } from "../errors.ts";
import { linkDumpRequest, readLink, RTMGRP_LINK } from "../netlink/link.ts";
import { readMessages } from "../netlink/message.ts";
import { InterfaceTable } from "../packet/interface.ts";

/**
 * Size of a receive buffer in bytes: larger than any datagram of a dump (`NLMSG_GOODSIZE` is at
 * most 32 KiB in a dump).
 */
const DATAGRAM_MAX = 65536;

/** Keeps an {@linkcode InterfaceTable} current for this network namespace. */
export class InterfaceReader implements AsyncDisposable {
  #table = new InterfaceTable();
  /** The socket, to wait on together with others. */
  readonly socket: NetlinkSocket;
  readonly #buffer = new Uint8Array(DATAGRAM_MAX);
  #sequence = 0;

  private constructor(socket: NetlinkSocket) {
    this.socket = socket;
  }

  /**
   * Subscribes to changes and requests all interfaces.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  static open(): InterfaceReader {
    const reader = new InterfaceReader(NetlinkSocket.open(NETLINK_ROUTE));
    try {
      reader.socket.bind(RTMGRP_LINK);
      reader.#dump();
      reader.update();
      return reader;
    } catch (error) {
      reader.socket.close();
      throw error;
    }
  }

  /** The interfaces by index, as of the last {@linkcode update}. */
  get table(): InterfaceTable {
    return this.#table;
  }

  /** Receives changes and applies them. */
  update(): void {
    const changes: [index: number, name: string][] = [];
    for (;;) {
      const length = this.#receive();
      if (length === NOTHING_QUEUED) break;
      if (this.socket.senderPortId !== 0) continue;
      for (const message of readMessages(this.#buffer.subarray(0, length))) {
        const link = readLink(message);
        if (link !== undefined) changes.push([link.index, link.name]);
      }
    }
    if (changes.length > 0) this.#table = this.#table.with(changes);
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.socket.close();
  }

  /** Receives a datagram; requests a new dump if the receive buffer overflowed. */
  #receive(): number {
    for (;;) {
      try {
        return this.socket.receive(this.#buffer);
      } catch (error) {
        if (!(error instanceof NetlinkError) || error.code !== "ENOBUFS") throw error;
        this.#dump();
      }
    }
  }

  #dump(): void {
    this.socket.send(linkDumpRequest(++this.#sequence));
  }
}
