/** Details of a record for the page's drawer. */

import type { FoundRecord } from "../../output/table/reading.ts";
import { dissect } from "../dissect/dissect.ts";
import type { Field } from "../dissect/field.ts";

/** Details of a record. */
export interface Details {
  /** Decoded headers of the bytes; absent where none are stored. */
  fields?: Field[];
}

/** Decodes the bytes of a record. */
export function detailsOf({ record, payload }: FoundRecord): Details {
  if (record.type !== "packet" || payload === undefined) return {};
  return { fields: dissect(payload, record) };
}
