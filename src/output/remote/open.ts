/** Opens the writer for a receiver. */

import type { Writer } from "../output.ts";
import { DatagramWriter } from "./datagram_writer.ts";
import type { Datagrams, Framing } from "./framing.ts";
import { type HttpFormat, HttpWriter } from "./http_writer.ts";
import type { CompleteRemoteOptions } from "./options.ts";
import { SocketWriter } from "./socket_writer.ts";
import { UnixWriter } from "./unix_writer.ts";
import type { Receiver } from "./url.ts";

/** Forms of records for the kinds of receivers. */
export interface RemoteFormat {
  /** Framing over TCP and TLS; lines by default. */
  framing?: Framing;
  /** Division into datagrams for UDP; one a line by default. */
  datagrams?: Datagrams;
  /** Form of HTTP requests. */
  http?: HttpFormat;
}

/**
 * Returns a writer that connects when the first records are written: a receiver that is away does
 * not prevent the start.
 *
 * @param receiver The receiver.
 * @param options Complete options.
 * @param format Forms of records.
 */
export function openRemote(
  receiver: Receiver,
  options: CompleteRemoteOptions,
  format: RemoteFormat = {},
): Writer {
  const { timeoutMs = 30_000 } = options;
  switch (receiver.kind) {
    case "http":
      return new HttpWriter(receiver, options, format.http ?? { contentType: "text/plain" });
    case "udp":
      return new DatagramWriter(receiver, timeoutMs, format.datagrams);
    case "unix":
      return new UnixWriter(receiver, options, format.framing);
    default:
      return new SocketWriter(receiver, options, format.framing);
  }
}
