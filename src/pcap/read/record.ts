/** Records of a capture file, and the interface of their parsers. */

import type { InterfaceTable } from "../../packet/interface.ts";
import type { Window } from "./window.ts";

/** Position of a record in the window. */
export interface FileRecord {
  /** Timestamp: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** The link type and the flags of `layout.ts`. */
  kind: number;
  /** The number of its interface in {@linkcode RecordParser.interfaces}. */
  interface: number;
  /** Offset of its data in the window. */
  data: number;
  /** Captured length in bytes. */
  captured: number;
  /** Original length in bytes. */
  original: number;
  /** Size of the whole record, from the window's current position. */
  size: number;
}

/** Results of {@linkcode RecordParser.next}. */
export const Step = {
  /** A record: `window.skip(record.size)` consumes it. */
  RECORD: 0,
  /** More of the file must come first. */
  MORE: 1,
  /** The file is damaged here. */
  DAMAGED: 2,
} as const;

/** Parser for one format. Pure: it reads only the window. */
export interface RecordParser {
  /** The interfaces that records refer to. */
  readonly interfaces: InterfaceTable;
  /** Description of the damage. */
  readonly damage: string;
  /** Packets of unsupported link types, by link type: they were skipped. */
  readonly passedOver: ReadonlyMap<number, number>;
  /**
   * Finds the next record.
   *
   * @param window Window at the first byte that was not consumed yet.
   * @param record Filled in.
   * @returns One of {@linkcode Step}.
   */
  next(window: Window, record: FileRecord): number;
  /** Returns what is cut off if the file ends here; undefined if it ends properly. */
  cut(window: Window): string | undefined;
}

/** Creates an empty record. */
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
