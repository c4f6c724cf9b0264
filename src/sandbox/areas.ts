/**
 * Fills the output areas of the current slot. Counts stay in this process's own memory until the
 * slot is returned. Hot path: nothing is allocated.
 */

import { type Encoder, LEFT_OUT, NO_ROOM, type OutputEvent, UNFIT } from "../record/encoder.ts";
import type { RawRecord, RecordKind } from "../record/kind.ts";
import type { Expression } from "../filter/expression/syntax.ts";
import { type KindPredicates, predicatesOf, type RecordPredicate } from "./record_kinds.ts";
import type { OutputCounts, Slot } from "./slot.ts";
import { type Trace, TRACE_MAX, writeTrace } from "./trace.ts";

const NOTHING = new Uint8Array(0);
const NO_ENCODER: Encoder<RawRecord> = { encode: () => UNFIT };

/** Encoders of an output, one for each kind of record that it accepts. */
export type KindEncoders = { readonly [Kind in RecordKind]?: Encoder<RawRecord> };

/** Area of an output in the current slot. */
class Area implements OutputCounts {
  bytes: Uint8Array = NOTHING;
  length = 0;
  packets = 0;
  unfit = 0;
  filtered = 0;
  emitted = 0;
  /** Result of encoding the current record. */
  encoded = 0;
  /** Encoder for the current kind of record. */
  encoder: Encoder<RawRecord> = NO_ENCODER;
  /** Whether the output's expression chooses a record; undefined if all are chosen. */
  chooses: RecordPredicate | undefined;
  readonly encoders: KindEncoders;
  /** Whether the output's expression chooses a record, by kind. */
  readonly predicates: KindPredicates;
  /** Encoder of lines that a script makes; undefined for an output that takes none. */
  readonly lines: Encoder<RawRecord> | undefined;

  constructor(encoders: KindEncoders, where: Expression | undefined) {
    this.encoders = encoders;
    this.predicates = where === undefined ? {} : predicatesOf(where);
    this.lines = Object.values(encoders).find(({ encodeEvent }) => encodeEvent !== undefined);
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

/** Areas of all outputs. */
export class Areas {
  readonly #areas: readonly Area[];
  readonly #onUnfit: (output: number) => void;
  /** Whether an output takes some of its packets only. */
  readonly #choosing: boolean;
  /** Area for traces, after those of the outputs; undefined if nothing is traced. */
  readonly #trace: Area | undefined;

  /**
   * Creates the areas.
   *
   * @param encoders Encoders of each output.
   * @param wheres Expression of each output; undefined if it takes all packets.
   * @param traces Whether there is an area for traces, after those of the outputs.
   * @param onUnfit Called for each packet that an output's format cannot hold.
   */
  constructor(
    encoders: readonly KindEncoders[],
    wheres: readonly (Expression | undefined)[],
    traces: boolean,
    onUnfit: (output: number) => void,
  ) {
    this.#areas = encoders.map((ofOutput, output) => new Area(ofOutput, wheres[output]));
    this.#choosing = wheres.some((where) => where !== undefined);
    this.#trace = traces ? new Area({}, undefined) : undefined;
    this.#onUnfit = onUnfit;
  }

  /** Starts a slot with empty areas. */
  begin(slot: Slot): void {
    this.#areas.forEach((area, output) => area.begin(slot.areas[output]!));
    this.#trace?.begin(slot.areas[this.#areas.length]!);
  }

  /** Selects the encoders for a kind of record; outputs without one for it reject its records. */
  use(kind: RecordKind): void {
    for (const area of this.#areas) {
      area.encoder = area.encoders[kind] ?? NO_ENCODER;
      area.chooses = area.predicates[kind];
    }
  }

  /**
   * Returns the outputs that take a record, by their own expressions.
   *
   * @param mask Bit for each output that it is sent to.
   */
  takenBy(record: RawRecord, mask: number): number {
    if (!this.#choosing || mask === 0) return mask;
    const areas = this.#areas;
    for (let output = 0; output < areas.length; output++) {
      const { chooses } = areas[output]!;
      if (chooses !== undefined && (mask & 1 << output) !== 0 && !chooses(record)) {
        mask &= ~(1 << output);
      }
    }
    return mask;
  }

  /** Copies the counts into the slot's words. */
  publish(slot: Slot): void {
    this.#areas.forEach((area, output) => slot.countOutput(output, area));
    if (this.#trace !== undefined) slot.countOutput(this.#areas.length, this.#trace);
  }

  /** Whether a trace of any length fits. */
  get hasRoomForTrace(): boolean {
    const { bytes, length } = this.#trace!;
    return bytes.length - length >= TRACE_MAX;
  }

  /** Writes a trace, which must fit. */
  putTrace(trace: Trace): void {
    const area = this.#trace!;
    area.length += writeTrace(trace, area.bytes, area.length);
    area.packets++;
  }

  /**
   * Writes a record into the areas of its outputs: into all of them or, if one has no room, into
   * none.
   *
   * @param mask Bit for each output that the record is sent to.
   * @returns Whether there was room.
   */
  put(record: RawRecord, mask: number): boolean {
    const areas = this.#areas;
    for (let output = 0; output < areas.length; output++) {
      const area = areas[output]!;
      if ((mask & 1 << output) === 0) {
        area.encoded = LEFT_OUT;
        continue;
      }
      const encoded = area.encoder.encode(record, area.bytes, area.length);
      if (encoded === NO_ROOM && area.length > 0) return false;
      // A record that does not fit into an empty area never fits.
      area.encoded = encoded === NO_ROOM ? UNFIT : encoded;
    }
    for (let output = 0; output < areas.length; output++) {
      const area = areas[output]!;
      if (area.encoded >= 0) {
        area.length += area.encoded;
        area.packets++;
      } else if (area.encoded === LEFT_OUT) {
        area.filtered++;
      } else {
        area.unfit++;
        this.#onUnfit(output);
      }
    }
    return true;
  }

  /**
   * Writes a line of the script itself into an output's area.
   *
   * @returns Whether there was room; a line that no empty area can hold is dropped.
   */
  putEvent(output: number, event: OutputEvent): boolean {
    const area = this.#areas[output]!;
    const encoded = area.lines!.encodeEvent!(event, area.bytes, area.length);
    if (encoded === NO_ROOM && area.length > 0) return false;
    if (encoded >= 0) {
      area.length += encoded;
      area.emitted++;
    }
    return true;
  }
}
