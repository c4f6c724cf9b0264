/**
 * The pure half of the journal output: encodes a record as an entry of the journal's native protocol
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/), a line `NAME=value` for each field. An empty line
 * ends an entry, which the writer takes off. No value holds a newline: control characters are escaped
 * as in LOGEMU lines, so that entries need no other form and none can be forged.
 */

import { findLayers } from "../../packet/find_layers.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { timeText } from "../../packet/structured.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { escaped } from "../../text/escape.ts";
import { ascii, LineWriter, type Word } from "../../text/line.ts";
import { pairText } from "../../text/pair.ts";
import { PacketLine } from "../lines/packet_line.ts";
import { NOTICE, severityOf } from "../lines/severity.ts";
import { PacketPairs } from "../pairs/packet_pairs.ts";
import { CounterJournalEncoder } from "./counter_encoder.ts";
import { FlowJournalEncoder } from "./flow_encoder.ts";
import { fieldName } from "./field_name.ts";
import { entryHeads } from "./head.ts";
import type { EntryOptions } from "./entry_options.ts";

const NEWLINE = 0x0a;
/** The longest name of a field (systemd.journal-fields(7)). */
const NAME_MAX = 64;

/** Writes lines whose text is UTF-8: journalctl does not show a message that is none. */
class Utf8LineWriter extends LineWriter {
  override prefix(source: Uint8Array, from: number, length: number): void {
    this.visible(source, from, length);
  }
}

/** Encodes entries. */
export class JournalEncoder implements Encoder<RawPacket> {
  readonly #line = new Utf8LineWriter();
  readonly #message: PacketLine;
  readonly #pairs: PacketPairs;
  readonly #priority: number | undefined;
  readonly #session: string;
  /** Beginning of an entry, by priority. */
  readonly #heads: readonly Word[];

  /** Creates an encoder. */
  constructor(options: EntryOptions) {
    const { priority, session, fields } = options;
    this.#message = new PacketLine(options);
    this.#pairs = new PacketPairs({ before: fieldName, behind: "\n" }, session, fields);
    this.#priority = priority;
    this.#session = session;
    this.#heads = entryHeads(options);
  }

  /** Encodes a packet as one entry; a packet for which the dialect has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const head = this.#heads[this.#priority ?? severityOf(packet)]!;
    if (at + head.length + this.#message.roomFor(packet) > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.word(head);
    if (!this.#message.print(line, packet)) return UNFIT;
    out[line.at++] = NEWLINE;
    this.#pairs.write(line, packet, findLayers(packet));
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }

  /** Encodes a line that a filter script made; its fields become `NFSCRIBE_EVENT_NAME`. */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const { seconds, nanoseconds, fields } = event;
    const head = this.#heads[this.#priority ?? NOTICE]!;
    const lines = [
      fields.map(pairText).join(" "),
      "NFSCRIBE_TYPE=event",
      `NFSCRIBE_TIME=${timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000))}`,
      `NFSCRIBE_SESSION=${this.#session}`,
      ...fields.map(([name, value]) => `${eventName(name)}=${escaped(value)}`),
    ];
    const text = ascii(`${lines.join("\n")}\n\n`);
    if (at + head.length + text.length > out.length) return NO_ROOM;
    out.set(head.bytes, at);
    out.set(text, at + head.length);
    return head.length + text.length;
  }
}

/** Returns the name of a script's field; the journal knows capital letters, digits and `_`. */
function eventName(name: string): string {
  const word = name.replaceAll(/[^a-zA-Z0-9]/g, "_").toUpperCase();
  return `NFSCRIBE_EVENT_${word}`.slice(0, NAME_MAX);
}

/** Encoders of the journal output. */
export const journalEncoders = defineEncoders<EntryOptions>({
  packet: (options) => new JournalEncoder(options),
  flow: (options) => new FlowJournalEncoder(options),
  counter: (options) => new CounterJournalEncoder(options),
});
