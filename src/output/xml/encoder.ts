/** The pure half of the XML output: encodes a packet as an element `log`, in a line of its own. */

import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, LEFT_OUT, NO_ROOM } from "../../record/encoder.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { XmlCounterEncoder } from "./counter_encoder.ts";
import { XmlFlowEncoder } from "./flow_encoder.ts";
import { markup, MARKUP_MAX } from "./markup.ts";
import type { XmlRecordOptions } from "./options.ts";
import { whenText } from "./when.ts";

const LOG = ascii("<log>");
const LOG_END = ascii("</log>\n");
const PREFIX = ascii("<prefix>");
const PREFIX_END = ascii("</prefix>");
const HOOK = ascii("<hook>");
const HOOK_END = ascii("</hook>");
const HW = ascii("<hw><proto>");
const PROTO_END = ascii("</proto>");
const SRC = ascii("<src>");
const SRC_END = ascii("</src>");
const HW_END = ascii("</hw>");
const MARK = ascii("<mark>");
const MARK_END = ascii("</mark>");
const INDEV = ascii("<indev>");
const INDEV_END = ascii("</indev>");
const OUTDEV = ascii("<outdev>");
const OUTDEV_END = ascii("</outdev>");
const PHYSINDEV = ascii("<physindev>");
const PHYSINDEV_END = ascii("</physindev>");
const PHYSOUTDEV = ascii("<physoutdev>");
const PHYSOUTDEV_END = ascii("</physoutdev>");
const PAYLOAD = ascii("<payload>");
const PAYLOAD_END = ascii("</payload>");

/** The most bytes of an element besides prefix, link address and payload. */
const ELEMENT_MAX = 640;

/** Encodes no record. */
const NOTHING: Encoder<unknown> = { encode: () => LEFT_OUT };

/** Encodes packets as ulogd's plugin XML prints them. */
export class XmlEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #when = new SecondText(whenText);

  /** Encodes a packet as one line. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const { bytes, prefixLength, hwAddressLength, payloadLength } = packet;
    const most = ELEMENT_MAX + Math.max(0, prefixLength) * MARKUP_MAX +
      2 * (Math.max(0, hwAddressLength) + Math.max(0, payloadLength));
    if (at + most > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(LOG);
    // ulogd takes the time at which it prints.
    line.text(this.#when.at(packet.receivedSeconds));
    if (prefixLength !== ABSENT) {
      line.text(PREFIX);
      markup(line, bytes, packet.prefixOffset, prefixLength);
      line.text(PREFIX_END);
    }
    header(line, packet);
    positive(line, MARK, packet.mark, MARK_END);
    positive(line, INDEV, packet.inDev, INDEV_END);
    positive(line, OUTDEV, packet.outDev, OUTDEV_END);
    positive(line, PHYSINDEV, packet.physInDev, PHYSINDEV_END);
    positive(line, PHYSOUTDEV, packet.physOutDev, PHYSOUTDEV_END);
    if (payloadLength !== ABSENT) {
      line.text(PAYLOAD);
      digits(line, bytes, packet.payloadOffset, payloadLength);
      line.text(PAYLOAD_END);
    }
    line.text(LOG_END);
    return line.at - at;
  }
}

/** Writes hook, protocol and link address. */
function header(line: LineWriter, packet: RawPacket): void {
  const { hook, hwProtocol } = packet;
  if (hook === ABSENT && hwProtocol === ABSENT) return;
  line.text(HOOK);
  line.decimal(Math.max(0, hook));
  line.text(HOOK_END);
  line.text(HW);
  line.hexPadded(Math.max(0, hwProtocol), 4);
  line.text(PROTO_END);
  if (packet.hwAddressLength !== ABSENT) {
    line.text(SRC);
    digits(line, packet.bytes, packet.hwAddressOffset, packet.hwAddressLength);
    line.text(SRC_END);
  }
  line.text(HW_END);
}

/** Writes an element with a number, unless it is 0 or absent. */
function positive(line: LineWriter, start: Uint8Array, value: number, end: Uint8Array): void {
  if (value <= 0) return;
  line.text(start);
  line.decimal(value);
  line.text(end);
}

function digits(line: LineWriter, bytes: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) line.hexPadded(bytes[at + i]!, 2);
}

/** Encoders of the XML output: a document has one kind of record, and others are left out. */
export const xmlEncoders = defineEncoders<XmlRecordOptions>({
  packet: ({ records = "packets" }) => records === "packets" ? new XmlEncoder() : NOTHING,
  flow: ({ records }) => records === "flows" ? new XmlFlowEncoder() : NOTHING,
  counter: ({ records }) => records === "counters" ? new XmlCounterEncoder() : NOTHING,
});
