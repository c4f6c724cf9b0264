/** The pure half of the JSON output: encodes a record as a line. */

import { ACTIONS } from "../../packet/actions.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import type { Encoder } from "../../record/encoder.ts";
import { counterEncoderOf } from "./counter/counter_encoder.ts";
import { EcsPrinter } from "./ecs.ts";
import { flavored } from "./flavor.ts";
import { flowEncoderOf } from "./flow/flow_encoder.ts";
import { LineEncoder } from "./line_encoder.ts";
import { NfscribePrinter } from "./nfscribe.ts";
import { OcsfPrinter } from "./ocsf.ts";
import type { LineOptions, PrinterOptions } from "./options.ts";
import type { LinePrinter } from "./printer.ts";
import { Ulogd2JsonEncoder } from "./ulogd2.ts";

/** Formats of lines. */
const PRINTERS: Readonly<
  Record<PrinterOptions["format"], (options: PrinterOptions) => LinePrinter<RawPacket>>
> = {
  nfscribe: (options) => new NfscribePrinter(options),
  ecs: (options) => new EcsPrinter(options),
  ocsf: (options) => new OcsfPrinter(options),
};

/** Encodes packets as lines of one format. */
export class JsonEncoder extends LineEncoder<RawPacket> {
  /** Creates an encoder. */
  constructor(options: PrinterOptions) {
    super(PRINTERS[options.format](options));
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
  counter: counterEncoderOf,
});
