/** Records of pcap files (draft-ietf-opsawg-pcap). */

import { InterfaceTable } from "../../packet/interface.ts";
import type { FileHeader, LengthOrder } from "./file_header.ts";
import { BIG_ENDIAN, CAPTURED_MAX, NO_INTERFACE, OUTBOUND } from "./layout.ts";
import { type FileRecord, type RecordParser, Step } from "./record.ts";
import type { Window } from "./window.ts";

/**
 * Size of the header before a record's data in bytes: seconds, fraction, captured length, original
 * length.
 */
const HEADER = 16;
/** Size of the header with Kuznetsov's additions: interface, protocol, direction, padding. */
const MODIFIED_HEADER = 24;
/** `PACKET_OUTGOING` (linux/if_packet.h) */
const PACKET_OUTGOING = 4;

/** Finds the records after a pcap file's header. */
export class ClassicParser implements RecordParser {
  /** Always empty: the format does not name interfaces. */
  readonly interfaces: InterfaceTable = new InterfaceTable();
  /** Always empty: a file has one link type. */
  readonly passedOver: ReadonlyMap<number, number> = new Map();
  damage = "";
  readonly #littleEndian: boolean;
  readonly #perSecond: number;
  /** Nanoseconds per unit of the timestamps' second part. */
  readonly #nanoseconds: number;
  readonly #kind: number;
  readonly #order: LengthOrder;
  /** Size of the header before a record's data, in bytes. */
  readonly #header: number;

  /** Creates a parser for a file with this header. */
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
      // Some writers store fractions of a second or more.
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

  /** Returns the number of captured bytes; old writers disagree on the order of the two lengths. */
  #captured({ view, at }: Window): number {
    const first = view.getUint32(at + 8, this.#littleEndian);
    if (this.#order === "captured first") return first;
    const second = view.getUint32(at + 12, this.#littleEndian);
    return this.#order === "original first" ? second : Math.min(first, second);
  }
}
