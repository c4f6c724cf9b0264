/** The pure half of the NATS output: encodes records in groups, each of which becomes a message. */

import { NflogFraming } from "../../pcap/link/nflog.ts";
import { defineEncoders } from "../../record/define.ts";
import { jsonLine } from "../../text/escape.ts";
import { CounterTextEncoder } from "../counter/text_encoder.ts";
import { nfscribeForm } from "../json/counter/forms.ts";
import { JsonEncoder } from "../json/encoder.ts";
import { FlowEncoder } from "../json/flow/flow_encoder.ts";
import type { PrinterOptions } from "../json/options.ts";
import { GroupedEncoder } from "../messages/grouped_encoder.ts";
import { InterfaceNotes } from "../messages/interface_notes.ts";
import { PcapngEncoder } from "../pcap/pcapng_encoder.ts";

/** Options of the encoders, as the sandbox gets them. */
export interface MessageEncoderOptions {
  /** Form of packets. */
  payload: "pcapng" | "json";
  /** Most bytes of a message's body before it is compressed, but for a single larger record. */
  messageBytes: number;
  /** Name of this host in lines of JSON. */
  hostname: string;
  /** Identifier of this run in lines of JSON. */
  session: string;
}

/** Encoders of the NATS output. */
export const natsEncoders = defineEncoders<MessageEncoderOptions>({
  packet: (options) =>
    new GroupedEncoder({
      kind: "packet",
      limit: options.messageBytes,
      ...options.payload === "pcapng"
        ? {
          body: () => new PcapngEncoder(new NflogFraming(), "nflog"),
          notes: () => new InterfaceNotes(),
        }
        : { body: () => new JsonEncoder(linesOf(options)) },
    }),
  flow: (options) =>
    new GroupedEncoder({
      kind: "flow",
      limit: options.messageBytes,
      body: () => new FlowEncoder(linesOf(options)),
    }),
  counter: (options) =>
    new GroupedEncoder({
      kind: "counter",
      limit: options.messageBytes,
      body: () => {
        const lines = linesOf(options);
        return new CounterTextEncoder((counter) => `${jsonLine(nfscribeForm(counter, lines))}\n`);
      },
    }),
});

function linesOf({ hostname, session }: MessageEncoderOptions): PrinterOptions {
  return { format: "nfscribe", payload: false, hostname, session };
}
