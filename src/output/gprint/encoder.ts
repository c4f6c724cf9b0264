/** The pure half of the GPRINT output: encodes a packet as a line of `key=value` pairs. */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM, type OutputEvent } from "../../record/encoder.ts";
import { ascii } from "../../text/line.ts";
import { pairText } from "../../text/pair.ts";
import { ESCAPED_MAX, nameBytes } from "../../text/utf8.ts";
import { InterfaceNames } from "../interface_names.ts";
import { AssignmentFormat } from "../ulogd/assignments.ts";
import { UlogdKeys } from "../ulogd/keys.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { CounterGprintEncoder } from "./counter_encoder.ts";
import { FlowGprintEncoder } from "./flow_encoder.ts";
import type { GprintLineOptions } from "./options.ts";
import { timeText } from "./time.ts";

const COMMA = 0x2c;
const NEWLINE = 0x0a;
/** The most bytes of `timestamp=…,`; years after 9999 have more digits. */
const TIME_MAX = 40;

/** Encodes lines as ulogd's plugin GPRINT prints them. */
export class GprintEncoder implements Encoder<RawPacket> {
  readonly #format = new AssignmentFormat({ end: COMMA, isReversed: false, hasPointers: false });
  readonly #keys: UlogdKeys;
  readonly #time = new SecondText(timeText);
  readonly #hasTime: boolean;

  /** Creates an encoder. */
  constructor({ timestamp, ...keys }: GprintLineOptions) {
    // The name of an unknown interface is empty.
    const names = new InterfaceNames(({ name = "" }) => nameBytes(name));
    this.#keys = new UlogdKeys(keys, this.#format, names, "each");
    this.#hasTime = timestamp;
  }

  /** Encodes a packet as one line. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const most = this.#keys.begin(packet, ESCAPED_MAX) + TIME_MAX;
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    // ulogd takes the time at which it prints.
    if (this.#hasTime) line.text(this.#time.at(packet.receivedSeconds));
    this.#keys.write(packet);
    out[line.at - 1] = NEWLINE;
    return line.at - at;
  }

  /** Encodes `name=value` pairs; characters that would break a line or a pair are escaped. */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const time = this.#hasTime ? timeText(new Date(event.seconds * 1000)) : "";
    const text = ascii(`${time}${event.fields.map(pairText).join(",")}\n`);
    if (at + text.length > out.length) return NO_ROOM;
    out.set(text, at);
    return text.length;
  }
}

/** Encoders of the GPRINT output. */
export const gprintEncoders = defineEncoders<GprintLineOptions>({
  packet: (options) => new GprintEncoder(options),
  flow: (options) => new FlowGprintEncoder(options),
  counter: (options) => new CounterGprintEncoder(options),
});
