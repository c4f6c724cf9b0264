/** Decoded fields of a packet. */

/** A field of a header, a header, or bytes that are not decoded. */
export interface Field {
  /** Its name in the structured form, else that of its RFC; of a header as in `TCP`. */
  name: string;
  /** Its value for people, in one line. */
  value: string;
  /** Offset of its first byte in the packet's bytes. */
  offset: number;
  /** Number of its bytes; fields of some bits share a byte. */
  length: number;
  /** Its parts. */
  fields?: Field[];
}

/** The most fields of a packet: forged packets have room for thousands of options. */
export const FIELDS_MAX = 1000;
/** The most packets within packets: tunnels, and packets that errors quote. */
export const DEPTH_MAX = 8;
