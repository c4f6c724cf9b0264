/** Interface of an output's pure half: encodes records into bytes. */

/** Result of {@linkcode Encoder.encode} if the bytes do not fit. */
export const NO_ROOM = -1;
/** Result of {@linkcode Encoder.encode} if the format cannot hold such a record. */
export const UNFIT = -2;

/** Result of {@linkcode Encoder.encode} if the output's options leave out such records. */
export const LEFT_OUT = -3;

/** The most bytes behind a record that an encoder may change: text is stored in larger pieces. */
export const OVERHANG = 16;

/** Encodes records of one kind, each into contiguous bytes. */
export interface Encoder<Raw> {
  /**
   * Writes one record.
   *
   * @param out Destination.
   * @param at Offset of the first byte in `out`.
   * @returns The number of bytes written, {@linkcode NO_ROOM}, {@linkcode UNFIT} or
   *   {@linkcode LEFT_OUT}; in these three cases `out` has no valid bytes. Up to
   *   {@linkcode OVERHANG} bytes behind the record, in `out`, may have changed, too.
   */
  encode(record: Raw, out: Uint8Array, at: number): number;
  /**
   * Writes a line that a filter script made; only text outputs have this.
   *
   * @param event Time and contents of the line.
   * @param out Destination.
   * @param at Offset of the first byte in `out`.
   * @returns The number of bytes written, or {@linkcode NO_ROOM}.
   */
  encodeEvent?(event: OutputEvent, out: Uint8Array, at: number): number;
}

/** A line that a filter script made. */
export interface OutputEvent {
  /** Time: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** Names and values in the order of the line, as text. */
  fields: readonly (readonly [name: string, value: string])[];
}
