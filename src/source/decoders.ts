/** Registry of the sources' pure halves, by type. */

import type { Decoder } from "../record/decoder.ts";
import type { Decoders, Options } from "../record/define.ts";
import type { RawRecord, RecordKind } from "../record/kind.ts";
import { accountingDecoder } from "./accounting/decoder.ts";
import { conntrackDecoder } from "./conntrack/decoder.ts";
import { natsDecoder } from "./nats/decoder.ts";
import { nflogDecoder } from "./nflog/decoder.ts";
import { pcapDecoder } from "./pcap/decoder.ts";
import { ulogDecoder } from "./ulog/decoder.ts";

/** Decoders by type of source; a new source is one line here and one in `sources.ts`. */
export const decoders: Readonly<Record<string, Decoders>> = {
  nflog: nflogDecoder,
  pcap: pcapDecoder,
  ulog: ulogDecoder,
  conntrack: conntrackDecoder,
  accounting: accountingDecoder,
  nats: natsDecoder,
};

/** Returns the decoder of a source with its kind; the options are those that a sandbox may know. */
export function decoderOf(
  type: string,
  options: Options,
): { kind: RecordKind; decoder: Decoder<RawRecord> } {
  const { kind, make } = decoders[type]!;
  return { kind: typeof kind === "function" ? kind(options) : kind, decoder: make(options) };
}
