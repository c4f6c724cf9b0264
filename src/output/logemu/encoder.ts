/** The pure half of the LOGEMU output: encodes a packet as a line. */

import { defineEncoders } from "../../record/define.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { LineHead, shortName } from "../lines/head.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { FlowLogemuEncoder } from "./flow_encoder.ts";
import type { LineOptions } from "./options.ts";
import { pairText } from "../../text/pair.ts";
import { PacketLine } from "../lines/packet_line.ts";

const NEWLINE = 0x0a;

/** Encodes lines of one dialect. */
export class LogemuEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #head: LineHead;
  readonly #body: PacketLine;

  /** Creates an encoder. */
  constructor(options: LineOptions) {
    const { dialect, timeFormat, hostname } = options;
    const program = dialect === "kernel" ? "kernel: " : "";
    this.#head = new LineHead(timeFormat, hostname, (host) => ` ${shortName(host)} ${program}`);
    this.#body = new PacketLine(options);
  }

  /** Encodes a packet as one line; a packet for which the dialect has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const room = this.#head.roomFor(packet) + this.#body.roomFor(packet);
    if (at + room > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    this.#head.write(line, packet);
    if (!this.#body.print(line, packet)) return UNFIT;
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
  flow: (options) => new FlowLogemuEncoder(options),
});
