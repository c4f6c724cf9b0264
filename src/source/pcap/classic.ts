/**
 * Records of pcap files (draft-ietf-opsawg-pcap).
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import type { FileHeader } from "./file_header.ts";
import { BIG_ENDIAN, CAPTURED_MAX, NO_INTERFACE } from "./layout.ts";
import { type FileRecord, type RecordParser, Step } from "./record.ts";
import type { Window } from "./window.ts";

/** Bytes before a record's data: seconds, fraction, captured length, original length. */
const HEADER = 16;

/** Finds the records behind a pcap file's header. */
export class ClassicParser implements RecordParser {
  /** The format does not name interfaces. */
  readonly interfaces: InterfaceTable = new InterfaceTable();
  /** A file is of one link type. */
  readonly passedOver: ReadonlyMap<number, number> = new Map();
  damage = "";
  readonly #littleEndian: boolean;
  readonly #perSecond: number;
  /** In a unit of the stamps' second part. */
  readonly #nanoseconds: number;
  readonly #kind: number;

  /** Makes it from what the header tells. */
  constructor({ littleEndian, perSecond, linkType }: FileHeader) {
    this.#littleEndian = littleEndian;
    this.#perSecond = perSecond;
    this.#nanoseconds = 1e9 / perSecond;
    this.#kind = linkType | (littleEndian ? 0 : BIG_ENDIAN);
  }

  next(window: Window, record: FileRecord): number {
    if (!window.has(HEADER)) return Step.MORE;
    const { at, view } = window;
    const littleEndian = this.#littleEndian;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > CAPTURED_MAX) {
      this.damage = `a record of ${captured} bytes, where ${CAPTURED_MAX} is the most`;
      return Step.DAMAGED;
    }
    if (!window.has(HEADER + captured)) return Step.MORE;
    const fraction = view.getUint32(at + 4, littleEndian);
    const perSecond = this.#perSecond;
    record.seconds = view.getUint32(at, littleEndian);
    if (fraction < perSecond) {
      record.nanoseconds = fraction * this.#nanoseconds;
    } else {
      // Some writers do not carry over.
      record.seconds += Math.floor(fraction / perSecond);
      record.nanoseconds = fraction % perSecond * this.#nanoseconds;
    }
    record.kind = this.#kind;
    record.interface = NO_INTERFACE;
    record.data = at + HEADER;
    record.captured = captured;
    record.original = view.getUint32(at + 12, littleEndian);
    record.size = HEADER + captured;
    return Step.RECORD;
  }

  cut(window: Window): string | undefined {
    const { left } = window;
    if (left === 0) return undefined;
    if (left < HEADER) return `${left} of the ${HEADER} bytes of a record's header`;
    const size = HEADER + window.view.getUint32(window.at + 8, this.#littleEndian);
    return `${left} of the ${size} bytes of a record`;
  }
}
