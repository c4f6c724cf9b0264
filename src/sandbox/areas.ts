/**
 * The output areas of the slot that is worked on. What is put there is counted in this
 * process's own memory, and copied into the slot when it is given back. Every packet
 * passes here; nothing is allocated.
 *
 * @module
 */

import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../record/encoder.ts";
import type { RawRecord, RecordKind } from "../record/kind.ts";
import type { OutputCounts, Slot } from "./slot.ts";
import { type Trace, TRACE_MAX, writeTrace } from "./trace.ts";

/** Stands for an output that a packet is not for. */
const NOT_FOR_IT = -3;
const NOTHING = new Uint8Array(0);
const NO_ENCODER: Encoder<RawRecord> = { encode: () => UNFIT };

/** The encoders of an output: of each kind of record that it accepts. */
export type KindEncoders = { readonly [Kind in RecordKind]?: Encoder<RawRecord> };

/** One output's area in the slot that is worked on. */
class Area implements OutputCounts {
  bytes: Uint8Array = NOTHING;
  length = 0;
  packets = 0;
  unfit = 0;
  filtered = 0;
  emitted = 0;
  /** The result of encoding the current packet. */
  encoded = 0;
  /** The encoder of the kind of record that is worked on. */
  encoder: Encoder<RawRecord> = NO_ENCODER;
  readonly encoders: KindEncoders;

  constructor(encoders: KindEncoders) {
    this.encoders = encoders;
  }

  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.length =
      this.packets =
      this.unfit =
      this.filtered =
      this.emitted =
        0;
  }
}

/** The areas of all outputs. */
export class Areas {
  readonly #areas: readonly Area[];
  readonly #onUnfit: (output: number) => void;
  /** Takes what is traced, behind those of the outputs; undefined where nothing is. */
  readonly #trace: Area | undefined;

  /**
   * Makes them.
   *
   * @param encoders The encoders of each output.
   * @param traces Whether there is an area for what is traced, behind those of the outputs.
   * @param onUnfit Called for each packet that an output's format cannot hold.
   */
  constructor(
    encoders: readonly KindEncoders[],
    traces: boolean,
    onUnfit: (output: number) => void,
  ) {
    this.#areas = encoders.map((ofOutput) => new Area(ofOutput));
    this.#trace = traces ? new Area({}) : undefined;
    this.#onUnfit = onUnfit;
  }

  /** Begins with a slot's empty areas. */
  begin(slot: Slot): void {
    this.#areas.forEach((area, output) => area.begin(slot.areas[output]!));
    this.#trace?.begin(slot.areas[this.#areas.length]!);
  }

  /** Goes on with records of another kind; an output without an encoder for it does not get them. */
  use(kind: RecordKind): void {
    for (const area of this.#areas) area.encoder = area.encoders[kind] ?? NO_ENCODER;
  }

  /** Copies into the slot's words what was put there. */
  publish(slot: Slot): void {
    this.#areas.forEach((area, output) => slot.countOutput(output, area));
    if (this.#trace !== undefined) slot.countOutput(this.#areas.length, this.#trace);
  }

  /** Whether there is room for a trace. */
  get hasRoomForTrace(): boolean {
    const { bytes, length } = this.#trace!;
    return bytes.length - length >= TRACE_MAX;
  }

  /** Puts a trace into the area for that, which has room. */
  putTrace(trace: Trace): void {
    const area = this.#trace!;
    area.length += writeTrace(trace, area.bytes, area.length);
    area.packets++;
  }

  /**
   * Puts a record into the areas of its outputs: into all of them or, where one
   * has no room, into none.
   *
   * @param record The record.
   * @param mask A bit for each output that it is for.
   * @returns Whether there was room.
   */
  put(record: RawRecord, mask: number): boolean {
    const areas = this.#areas;
    for (let output = 0; output < areas.length; output++) {
      const area = areas[output]!;
      if ((mask & 1 << output) === 0) {
        area.encoded = NOT_FOR_IT;
        continue;
      }
      const encoded = area.encoder.encode(record, area.bytes, area.length);
      if (encoded === NO_ROOM && area.length > 0) return false;
      // A record that does not even fit into an empty area never will.
      area.encoded = encoded === NO_ROOM ? UNFIT : encoded;
    }
    for (let output = 0; output < areas.length; output++) {
      const area = areas[output]!;
      if (area.encoded >= 0) {
        area.length += area.encoded;
        area.packets++;
      } else if (area.encoded === NOT_FOR_IT) {
        area.filtered++;
      } else {
        area.unfit++;
        this.#onUnfit(output);
      }
    }
    return true;
  }

  /**
   * Puts a line of the script's own into an output's area.
   *
   * @returns Whether there was room; a line that no area has room for is left out.
   */
  putEvent(output: number, event: OutputEvent): boolean {
    const area = this.#areas[output]!;
    const encoded = area.encoder.encodeEvent!(event, area.bytes, area.length);
    if (encoded === NO_ROOM && area.length > 0) return false;
    if (encoded >= 0) {
      area.length += encoded;
      area.emitted++;
    }
    return true;
  }
}
