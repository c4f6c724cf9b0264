/** The pure half of the OPRINT output: encodes a packet as a line for each key. */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ascii } from "../../text/line.ts";
import { ESCAPED_MAX, nameBytes } from "../../text/utf8.ts";
import { InterfaceNames } from "../interface_names.ts";
import { AssignmentFormat } from "../ulogd/assignments.ts";
import { UlogdKeys } from "../ulogd/keys.ts";
import type { KeyOptions } from "../ulogd/options.ts";
import { BOUNDARY } from "./boundary.ts";
import { CounterOprintEncoder } from "./counter_encoder.ts";
import { FlowOprintEncoder } from "./flow_encoder.ts";

const NEWLINE = 0x0a;
const FIRST_LINE = ascii(BOUNDARY);

/** Encodes packets as ulogd's plugin OPRINT prints them. */
export class OprintEncoder implements Encoder<RawPacket> {
  readonly #format = new AssignmentFormat({ end: NEWLINE, isReversed: true, hasPointers: true });
  readonly #keys: UlogdKeys;

  /** Creates an encoder. */
  constructor(keys: KeyOptions) {
    // The name of an unknown interface is empty.
    const names = new InterfaceNames(({ name = "" }) => nameBytes(name));
    this.#keys = new UlogdKeys(keys, this.#format, names, "each");
  }

  /** Encodes a packet as several lines, the first of which is always the same. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const most = this.#keys.begin(packet, ESCAPED_MAX) + FIRST_LINE.length;
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    line.text(FIRST_LINE);
    this.#keys.write(packet);
    return line.at - at;
  }
}

/** Encoders of the OPRINT output. */
export const oprintEncoders = defineEncoders<KeyOptions>({
  packet: (options) => new OprintEncoder(options),
  flow: () => new FlowOprintEncoder(),
  counter: (options) => new CounterOprintEncoder(options),
});
