/**
 * The pure half of an output: records to bytes.
 *
 * @module
 */

/** Returned by {@linkcode Encoder.encode} where the bytes do not fit. */
export const NO_ROOM = -1;
/** Returned by {@linkcode Encoder.encode} where the format cannot hold such a record. */
export const UNFIT = -2;

/** Encodes records of one kind, each as one whole piece of bytes. */
export interface Encoder<Raw> {
  /**
   * Writes one record.
   *
   * @param record The record.
   * @param out Where the bytes go.
   * @param at The first byte's place in `out`.
   * @returns How many bytes were written, {@linkcode NO_ROOM} or {@linkcode UNFIT};
   * in both of these cases nothing that counts was written.
   */
  encode(record: Raw, out: Uint8Array, at: number): number;
  /**
   * Writes a line that a filter script makes by itself; only outputs of text have this.
   *
   * @param event When, and what the line says.
   * @param out Where the bytes go.
   * @param at The first byte's place in `out`.
   * @returns How many bytes were written, or {@linkcode NO_ROOM}.
   */
  encodeEvent?(event: OutputEvent, out: Uint8Array, at: number): number;
}

/** A line that a filter script makes by itself. */
export interface OutputEvent {
  /** When: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** Names and values in the order of the line, as text. */
  fields: readonly (readonly [name: string, value: string])[];
}
