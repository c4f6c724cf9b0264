/** The pure half of the JSON output: encodes a packet or a flow as a line. */

import { ACTIONS } from "../../packet/actions.ts";
import { findLayers } from "../../packet/find_layers.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { jsonLine } from "../../text/escape.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { EcsPrinter } from "./ecs.ts";
import { flavored } from "./flavor.ts";
import { flowEncoderOf } from "./flow/formats.ts";
import { NfscribePrinter } from "./nfscribe.ts";
import { endObject } from "./object.ts";
import { OcsfPrinter } from "./ocsf.ts";
import type { LineOptions, PrinterOptions } from "./options.ts";
import type { LinePrinter } from "./printer.ts";
import { Ulogd2JsonEncoder } from "./ulogd2.ts";

/** Room that most lines do not fill: with less, none is begun. */
const USUAL_MAX = 2048;
const NEWLINE = 0x0a;

/** Formats of lines. */
const PRINTERS: Readonly<
  Record<PrinterOptions["format"], (options: PrinterOptions) => LinePrinter>
> = {
  nfscribe: (options) => new NfscribePrinter(options),
  ecs: (options) => new EcsPrinter(options),
  ocsf: (options) => new OcsfPrinter(options),
};

/** Encodes lines of one format. */
export class JsonEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #printer: LinePrinter;
  #capture: string | undefined;
  /** Encodes a line that a filter script made; absent where the format has none. */
  readonly encodeEvent?: (event: OutputEvent, out: Uint8Array, at: number) => number;

  /** Creates an encoder. */
  constructor(options: PrinterOptions) {
    const printer = PRINTERS[options.format](options);
    this.#printer = printer;
    if (printer.event === undefined) return;
    this.encodeEvent = (event, out, at) => {
      const text = ascii(`${jsonLine(printer.event!(event))}\n`);
      if (at + text.length > out.length) return NO_ROOM;
      out.set(text, at);
      return text.length;
    };
  }

  /** Encodes a packet as one line; a packet for which the format has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    if (at + USUAL_MAX > out.length) return NO_ROOM;
    if (packet.capture !== this.#capture) {
      this.#printer.begin(packet.capture);
      this.#capture = packet.capture;
    }
    const line = this.#line;
    line.out = out;
    line.at = at;
    if (!this.#printer.print(line, packet, findLayers(packet))) return UNFIT;
    endObject(line, at);
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }
}

/** Returns whether a rule accepts a packet, by `[actions]`; undefined if nothing says so. */
function isAllowed(packet: RawPacket): boolean | undefined {
  const action = ACTIONS[packet.actions.find(packet)];
  return action === undefined || action === "log" ? undefined : action === "accept";
}

function encoderOf(options: LineOptions): Encoder<RawPacket> {
  const { format, flavor, session } = options;
  if (format === "ulogd2") return new Ulogd2JsonEncoder(options, isAllowed);
  return flavored(new JsonEncoder({ ...options, format }), flavor, session);
}

/** Encoders of the JSON output. */
export const jsonEncoders = defineEncoders<LineOptions>({
  packet: encoderOf,
  flow: flowEncoderOf,
});
