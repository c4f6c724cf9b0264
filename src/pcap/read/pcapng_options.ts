/** Options of pcapng blocks: a code, a length, a value padded to 4 bytes. */

/** Memory and its byte order. */
export interface Numbers {
  /** The memory. */
  view: DataView;
  /** Whether its numbers are little-endian. */
  littleEndian: boolean;
}

/** Position of an option's value. */
export interface OptionValue {
  /** Offset of its first byte. */
  at: number;
  /** Length in bytes. */
  length: number;
}

/** Size of a code and a length, in bytes. */
const HEADER = 4;
const END_OF_OPTIONS = 0;

/**
 * Finds an option.
 *
 * @param numbers The memory.
 * @param start Offset of the options.
 * @param end Offset after the last possible one.
 * @param code The option's code.
 * @returns The first option with this code; undefined if there is none that is complete.
 */
export function findOption(
  { view, littleEndian }: Numbers,
  start: number,
  end: number,
  code: number,
): OptionValue | undefined {
  let at = start;
  while (at + HEADER <= end) {
    const found = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (found === END_OF_OPTIONS || at + HEADER + length > end) return undefined;
    if (found === code) return { at: at + HEADER, length };
    at += HEADER + ((length + 3) & ~3);
  }
  return undefined;
}
