/**
 * The pure half of the LOGEMU output: encodes a packet as a line.
 *
 * @module
 */

import { defineEncoders } from "../../record/define.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { ESCAPED_MAX, NAME_MAX } from "../../text/utf8.ts";
import { LineHead } from "./head.ts";
import { KernelPrinter } from "./kernel.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import type { LineOptions } from "./options.ts";
import { pairText } from "../../text/pair.ts";
import { UlogdPrinter } from "./ulogd.ts";

const NEWLINE = 0x0a;

/** The most bytes of a line besides prefix, link header, names and head. */
const LINE_MAX = 1536;
/** The most bytes of the names of two interfaces and two bridge ports. */
const NAMES_MAX = 4 * NAME_MAX;

/** Encodes lines of one dialect. */
export class LogemuEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #head: LineHead;
  readonly #printer: UlogdPrinter | KernelPrinter;

  /** Creates an encoder. */
  constructor({ dialect, timeFormat, hostname, logOptions }: LineOptions) {
    const kernel = dialect === "kernel";
    this.#head = new LineHead(timeFormat, hostname, kernel ? "kernel: " : "");
    this.#printer = kernel ? new KernelPrinter(logOptions) : new UlogdPrinter(dialect);
  }

  /** Encodes a packet as one line; a packet for which the dialect has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const { prefixLength, hwHeaderLength, l2HeaderLength } = packet;
    const links = Math.max(0, hwHeaderLength) + Math.max(0, l2HeaderLength);
    const most = LINE_MAX + NAMES_MAX + this.#head.longest +
      Math.max(0, prefixLength) * ESCAPED_MAX + links * 3;
    if (at + most > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    this.#head.write(line, packet);
    if (!this.#printer.print(line, packet)) return UNFIT;
    out[line.at++] = NEWLINE;
    return line.at - at;
  }

  /**
   * Encodes `NAME=value` pairs after the head; characters that would break a line or a pair are
   * escaped.
   */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const text = ascii(`${event.fields.map(pairText).join(" ")} \n`);
    if (at + this.#head.longest + text.length > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    this.#head.writeAt(line, event.seconds, event.nanoseconds);
    line.text(text);
    return line.at - at;
  }
}

/** Encoders of the LOGEMU output. */
export const logemuEncoders = defineEncoders<LineOptions>({
  packet: (options) => new LogemuEncoder(options),
});
