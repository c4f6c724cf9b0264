/**
 * Registry of the outputs' pure halves, by type.
 *
 * @module
 */

import type { Encoders } from "../record/define.ts";
import { logemuEncoders } from "./logemu/encoder.ts";
import { pcapEncoders } from "./pcap/encoder.ts";
import { postgresEncoders } from "./postgres/encoder.ts";

/** Encoders by type of output; a new output is one line here and one in `outputs.ts`. */
export const encoders: Readonly<Record<string, Encoders>> = {
  logemu: logemuEncoders,
  pcap: pcapEncoders,
  postgres: postgresEncoders,
};
