/** Encoders of messages' bodies. */

import type { Encoder } from "../../record/encoder.ts";

/** Encodes the records of one group, in whose body nothing is between them. */
export interface BodyEncoder<Raw> extends Encoder<Raw> {
  /** Begins a body with the next record. */
  begin?(): void;
  /** Has the next record follow the last one, though it is written elsewhere. */
  goOn?(out: Uint8Array, at: number): void;
}
