/** Contents of messages behind their head: a line, JSON, or nothing. */

import type { RawPacket } from "../../packet/raw_packet.ts";
import type { OutputEvent } from "../../record/encoder.ts";
import { jsonLine } from "../../text/escape.ts";
import type { LineWriter } from "../../text/line.ts";
import { pairText } from "../../text/pair.ts";
import { NfscribePrinter } from "../json/nfscribe.ts";
import { ObjectPrinter, USUAL_MAX } from "../json/object_printer.ts";
import type { DialectOptions } from "../lines/options.ts";
import { PacketLine } from "../lines/packet_line.ts";

/** Kinds of contents. */
export type MessageKind = "line" | "json" | "none";

/** Options of the contents. */
export interface MessageOptions extends DialectOptions {
  /** Kind of contents. */
  message: MessageKind;
  /** Name of the host. */
  hostname: string;
  /** Identifier of the run. */
  session: string;
}

/** Writes the contents of messages of one kind. */
export interface Message {
  /** Returns the room that a packet's message must have to be begun, in bytes. */
  roomFor(packet: RawPacket): number;
  /**
   * Writes a packet's message; `line.at` is past the end afterwards where there was too little room.
   *
   * @returns Whether the kind has a message for the packet.
   */
  print(line: LineWriter, packet: RawPacket): boolean;
  /** Returns the text of a line that a filter script made. */
  eventText(event: OutputEvent): string;
}

/** Creates the writer of a kind. */
export function messageOf(options: MessageOptions): Message {
  const { message } = options;
  if (message === "json") return new JsonMessage(options);
  return message === "none" ? NO_MESSAGE : new LineMessage(options);
}

/** Returns the pairs of a script's line. */
function pairsOf({ fields }: OutputEvent): string {
  return fields.map(pairText).join(" ");
}

const NO_MESSAGE: Message = {
  roomFor: () => 0,
  print: () => true,
  // It has no other place.
  eventText: pairsOf,
};

/** Writes LOGEMU lines. */
class LineMessage implements Message {
  readonly #body: PacketLine;

  constructor(options: DialectOptions) {
    this.#body = new PacketLine(options);
  }

  roomFor(packet: RawPacket): number {
    return this.#body.roomFor(packet);
  }

  print(line: LineWriter, packet: RawPacket): boolean {
    return this.#body.print(line, packet);
  }

  eventText(event: OutputEvent): string {
    return pairsOf(event);
  }
}

/** Writes the structured form as an object of JSON. */
class JsonMessage implements Message {
  readonly #printer: NfscribePrinter;
  readonly #objects: ObjectPrinter<RawPacket>;

  constructor({ hostname, session }: MessageOptions) {
    this.#printer = new NfscribePrinter({ format: "nfscribe", payload: false, hostname, session });
    this.#objects = new ObjectPrinter(this.#printer);
  }

  roomFor(): number {
    return USUAL_MAX;
  }

  print(line: LineWriter, packet: RawPacket): boolean {
    return this.#objects.print(line, packet);
  }

  eventText(event: OutputEvent): string {
    return jsonLine(this.#printer.event(event));
  }
}
