/**
 * Records of a capture file, and who finds them.
 *
 * @module
 */

import type { InterfaceTable } from "../../packet/interface.ts";
import type { Window } from "./window.ts";

/** One record, where it lies in the window. */
export interface FileRecord {
  /** When: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** The link type and the flags of `layout.ts`. */
  kind: number;
  /** The number of its interface in {@linkcode RecordParser.interfaces}. */
  interface: number;
  /** Where its data begins in the window. */
  data: number;
  /** How many bytes of it there are. */
  captured: number;
  /** How many there were. */
  original: number;
  /** How many bytes it takes up, from where the window stands. */
  size: number;
}

/** What {@linkcode RecordParser.next} found. */
export const Step = {
  /** A record: `window.skip(record.size)` takes it. */
  RECORD: 0,
  /** More of the file must come first. */
  MORE: 1,
  /** The file is damaged here. */
  DAMAGED: 2,
} as const;

/** Finds the records of one format. Pure: it sees nothing but the window. */
export interface RecordParser {
  /** The interfaces that records name. */
  readonly interfaces: InterfaceTable;
  /** What is wrong where the file is damaged. */
  readonly damage: string;
  /** Packets of link types that are not decoded, by link type: they were passed over. */
  readonly passedOver: ReadonlyMap<number, number>;
  /**
   * Finds the next record.
   *
   * @param window Stands at the first byte that was not taken yet.
   * @param record Filled in.
   * @returns One of {@linkcode Step}.
   */
  next(window: Window, record: FileRecord): number;
  /** What is cut where the file ends here; undefined where it ends in order. */
  cut(window: Window): string | undefined;
}

/** A record that nothing is known about. */
export function newRecord(): FileRecord {
  return {
    seconds: 0,
    nanoseconds: 0,
    kind: 0,
    interface: 0,
    data: 0,
    captured: 0,
    original: 0,
    size: 0,
  };
}
