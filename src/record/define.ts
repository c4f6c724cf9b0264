/** Definitions of the pure halves of sources and outputs. */

import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";
import type { RawRecord, RawRecords, RecordKind } from "./kind.ts";

/** Options of a source or an output, as a sandbox receives them. */
export type Options = Record<string, unknown>;

/** Creates encoders, one for each kind of record that an output accepts. */
export type Encoders<O = Options> = {
  readonly [Kind in RecordKind]?: (options: O) => Encoder<RawRecords[Kind]>;
};

/** Creates a decoder for the kind of record that a source has, or has with these options. */
export type Decoders<O = Options> =
  | {
    readonly [Kind in RecordKind]: {
      readonly kind: Kind;
      readonly make: (options: O) => Decoder<RawRecords[Kind]>;
    };
  }[RecordKind]
  | {
    readonly kind: (options: O) => RecordKind;
    readonly make: (options: O) => Decoder<RawRecord>;
  };

/**
 * Defines the encoders of an output.
 *
 * @param encoders A function for each kind of record that the output accepts; its argument is the
 *   result of the output's `sandboxOptions`.
 */
export function defineEncoders<O>(encoders: Encoders<O>): Encoders {
  // Options lose their types here: they were checked before the sandbox received them.
  return encoders as unknown as Encoders;
}

/**
 * Defines the decoder of a source.
 *
 * @param decoder The kind of record that it makes, and a function whose argument is what of the
 *   source's checked options a sandbox may know.
 */
export function defineDecoder<O>(decoder: Decoders<O>): Decoders {
  return decoder as unknown as Decoders;
}
