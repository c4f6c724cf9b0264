/**
 * The pure half of the syslog output: encodes a packet as a message with a newline at its end, which
 * the writer takes off or replaces by a length.
 */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import type { LineHead } from "../lines/head.ts";
import { NOTICE, severityOf } from "../lines/severity.ts";
import { CounterSyslogEncoder } from "./counter_encoder.ts";
import { FlowSyslogEncoder } from "./flow_encoder.ts";
import { type HeadOptions, messageHead, priorities, PRIORITY_MAX } from "./head.ts";
import { type Message, messageOf, type MessageOptions } from "./message.ts";
import { packetData, type StructuredData, writeNil } from "./structured_data.ts";

/** Options of the encoder. */
export interface EncoderOptions extends MessageOptions, HeadOptions {
  /** Number of the severity; undefined to choose it by the packet's action. */
  severity?: number;
  /** Whether messages of packets and flows have structured data. */
  structuredData: boolean;
}

const NEWLINE = 0x0a;

/** Encodes messages. */
export class SyslogEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #message: Message;
  readonly #head: LineHead;
  /** `<PRI>` by severity, with the version of RFC 5424. */
  readonly #priorities: readonly Uint8Array[];
  readonly #severity: number | undefined;
  readonly #data: StructuredData<RawPacket> | undefined;

  /** Creates an encoder. */
  constructor(options: EncoderOptions) {
    const { format, severity, structuredData } = options;
    this.#message = messageOf(options);
    this.#severity = severity;
    this.#priorities = priorities(options);
    this.#head = messageHead(options, "packet");
    if (format === "rfc5424") {
      this.#data = packetData(structuredData ? options.session : undefined);
    }
  }

  /** Encodes a packet; a packet for which the dialect has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const room = this.#message.roomFor(packet);
    if (at + PRIORITY_MAX + this.#head.roomFor(packet) + room > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priorities[this.#severity ?? severityOf(packet)]!);
    this.#head.write(line, packet);
    this.#data?.(line, packet);
    if (line.at + room > out.length) return NO_ROOM;
    if (!this.#message.print(line, packet)) return UNFIT;
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }

  /** Encodes a line that a filter script made; characters that would break a message are escaped. */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const text = ascii(`${this.#message.eventText(event)}\n`);
    if (at + PRIORITY_MAX + this.#head.longest + text.length > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priorities[this.#severity ?? NOTICE]!);
    this.#head.writeAt(line, event.seconds, event.nanoseconds);
    if (this.#data !== undefined) writeNil(line);
    line.text(text);
    return line.at - at;
  }
}

/** Encoders of the syslog output. */
export const syslogEncoders = defineEncoders<EncoderOptions>({
  packet: (options) => new SyslogEncoder(options),
  flow: (options) => new FlowSyslogEncoder(options),
  counter: (options) => new CounterSyslogEncoder(options),
});
