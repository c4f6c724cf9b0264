/**
 * Records of pcap files (draft-ietf-opsawg-pcap).
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import type { FileHeader, LengthOrder } from "./file_header.ts";
import { BIG_ENDIAN, CAPTURED_MAX, NO_INTERFACE, OUTBOUND } from "./layout.ts";
import { type FileRecord, type RecordParser, Step } from "./record.ts";
import type { Window } from "./window.ts";

/** Bytes before a record's data: seconds, fraction, captured length, original length. */
const HEADER = 16;
/** The same with Kuznetsov's additions: interface, protocol, direction, padding. */
const MODIFIED_HEADER = 24;
/** `PACKET_OUTGOING` (linux/if_packet.h) */
const PACKET_OUTGOING = 4;

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
  readonly #order: LengthOrder;
  /** Bytes before a record's data. */
  readonly #header: number;

  /** Makes it from what the header tells. */
  constructor({ littleEndian, perSecond, linkType, lengthOrder, isModified }: FileHeader) {
    this.#order = lengthOrder;
    this.#header = isModified ? MODIFIED_HEADER : HEADER;
    this.#littleEndian = littleEndian;
    this.#perSecond = perSecond;
    this.#nanoseconds = 1e9 / perSecond;
    this.#kind = linkType | (littleEndian ? 0 : BIG_ENDIAN);
  }

  next(window: Window, record: FileRecord): number {
    const header = this.#header;
    if (!window.has(header)) return Step.MORE;
    const { at, view } = window;
    const littleEndian = this.#littleEndian;
    const captured = this.#captured(window);
    if (captured > CAPTURED_MAX) {
      this.damage = `a record of ${captured} bytes, where ${CAPTURED_MAX} is the most`;
      return Step.DAMAGED;
    }
    if (!window.has(header + captured)) return Step.MORE;
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
    record.data = at + header;
    record.captured = captured;
    const isFirst = captured === view.getUint32(at + 8, littleEndian);
    record.original = view.getUint32(at + (isFirst ? 12 : 8), littleEndian);
    record.size = header + captured;
    if (header === MODIFIED_HEADER) {
      record.interface = view.getUint32(at + 16, littleEndian);
      if (view.getUint8(at + 22) === PACKET_OUTGOING) record.kind |= OUTBOUND;
    }
    return Step.RECORD;
  }

  cut(window: Window): string | undefined {
    const { left } = window;
    if (left === 0) return undefined;
    const header = this.#header;
    if (left < header) return `${left} of the ${header} bytes of a record's header`;
    return `${left} of the ${header + this.#captured(window)} bytes of a record`;
  }

  /** How many bytes of a packet there are; old writers disagree on the order of the two lengths. */
  #captured({ view, at }: Window): number {
    const first = view.getUint32(at + 8, this.#littleEndian);
    if (this.#order === "captured first") return first;
    const second = view.getUint32(at + 12, this.#littleEndian);
    return this.#order === "original first" ? second : Math.min(first, second);
  }
}
