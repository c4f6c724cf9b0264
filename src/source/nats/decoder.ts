/**
 * Decodes chunks of messages: packets in the form of capture files with link type NFLOG, flows and
 * counters in lines of JSON. Pure.
 */

import type { Memory } from "../../bytes/memory.ts";
import type { RawCounter } from "../../counter/raw_counter.ts";
import type { RawFlow } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import type { Decoder } from "../../record/decoder.ts";
import { defineDecoder } from "../../record/define.ts";
import type { RawRecord, RecordKind } from "../../record/kind.ts";
import { PcapDecoder } from "../pcap/decoder.ts";
import { CounterFiller } from "./counter_form.ts";
import { FORM_CAPTURED, FORM_LINES } from "./chunk.ts";
import { FlowFiller } from "./flow_form.ts";
import { Found, Parts } from "./parts.ts";

const NEWLINE = 0x0a;

/** Common part of the decoders of each kind: records have no numbers that tell losses. */
abstract class PartDecoder {
  /** Always 0: the reader counts losses. */
  readonly lost = 0;
  /** Always absent: positions of messages tell what is missing, and the reader counts it. */
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  protected readonly parts: Parts = new Parts();
  /** Parts that were skipped. */
  protected damaged = 0;

  /** Does nothing: records have no numbers. */
  forget(): void {}
}

/** Decodes packets. */
export class PacketPartDecoder extends PartDecoder implements Decoder<RawPacket> {
  readonly #records = new PcapDecoder();
  #memory: Memory | undefined;

  /** Packets, malformed ones and damaged parts included. */
  get received(): number {
    return this.#records.received + this.damaged;
  }

  /** Malformed packets and damaged parts. */
  get malformed(): number {
    return this.#records.malformed + this.damaged;
  }

  /** Offset of the next packet, or of the part that it begins. */
  get position(): number {
    return this.#records.position;
  }

  /** Begins a chunk. */
  begin(memory: Memory, offset: number, length: number): void {
    this.#memory = memory;
    this.parts.begin(memory, offset, length);
    this.#records.begin(memory, offset, 0);
  }

  /** Decodes the next packet; returns false at the chunk's end. */
  next(packet: RawPacket): boolean {
    while (!this.#records.next(packet)) {
      const found = this.parts.next(FORM_CAPTURED);
      if (found === Found.NONE) return false;
      const { start, end } = this.parts;
      if (found === Found.DAMAGE) this.damaged++;
      this.#records.begin(this.#memory!, start, end - start);
    }
    const { host, session, capture, interfaces } = this.parts.sender;
    packet.host = host;
    packet.session = session;
    packet.capture = capture;
    packet.interfaces = interfaces;
    return true;
  }
}

/** Fills in raw records from their structured form. */
interface Filler<Raw> {
  /** Returns whether the form is one of a record, which is then filled in. */
  fill(raw: Raw, form: unknown): boolean;
}

/** Decodes flows or counters. */
export class LinePartDecoder<Raw extends RawFlow | RawCounter> extends PartDecoder
  implements Decoder<Raw> {
  received = 0;
  malformed = 0;
  readonly #filler: Filler<Raw>;
  readonly #texts = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #bytes = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** Creates a decoder of the kind that the filler fills in. */
  constructor(filler: Filler<Raw>) {
    super();
    this.#filler = filler;
  }

  /** Offset of the next line, or of the part that it begins. */
  get position(): number {
    return this.#at < this.#end ? this.#at : this.parts.after;
  }

  /** Begins a chunk. */
  begin(memory: Memory, offset: number, length: number): void {
    this.#bytes = memory.bytes as Uint8Array<ArrayBuffer>;
    this.parts.begin(memory, offset, length);
    this.#at = this.#end = offset;
  }

  /** Decodes the next record; returns false at the chunk's end. */
  next(raw: Raw): boolean {
    for (;;) {
      while (this.#at < this.#end) {
        const newline = this.#bytes.indexOf(NEWLINE, this.#at);
        const end = newline < 0 || newline >= this.#end ? this.#end : newline;
        const line = this.#bytes.slice(this.#at, end);
        this.#at = end + 1;
        this.received++;
        if (this.#decode(raw, line)) return true;
        this.malformed++;
      }
      const found = this.parts.next(FORM_LINES);
      if (found === Found.NONE) return false;
      if (found === Found.DAMAGE) {
        this.received++;
        this.malformed++;
      }
      this.#at = this.parts.start;
      this.#end = this.parts.end;
    }
  }

  #decode(raw: Raw, line: Uint8Array): boolean {
    let form: unknown;
    try {
      form = JSON.parse(this.#texts.decode(line));
    } catch {
      return false;
    }
    if (!this.#filler.fill(raw, form)) return false;
    const { host, session, capture } = this.parts.sender;
    raw.host = host;
    raw.session = session;
    raw.capture = capture;
    return true;
  }
}

/** Options that a sandbox knows. */
export interface NatsDecoderOptions {
  /** Kind of the records. */
  kind: RecordKind;
}

/** Decoder of the NATS source. */
export const natsDecoder = defineDecoder<NatsDecoderOptions>({
  kind: ({ kind }) => kind,
  make({ kind }): Decoder<RawRecord> {
    switch (kind) {
      case "packet":
        return new PacketPartDecoder() as Decoder<RawRecord>;
      case "flow":
        return new LinePartDecoder(new FlowFiller()) as Decoder<RawRecord>;
      case "counter":
        return new LinePartDecoder(new CounterFiller()) as Decoder<RawRecord>;
    }
  },
});
