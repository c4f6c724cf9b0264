/** Options of an XML output in a configuration. */

import { described, omittable, oneOf, type OptionsOf } from "../../schema.ts";
import { fileEntries } from "../file/options.ts";

/** Options of the records. */
const recordEntries = {
  records: described(
    "The records of the document, which has one kind: packets, flows or counters; others are left out. " +
      "If left out: packets, or what else reaches the output where none do.",
    omittable(oneOf(["packets", "flows", "counters"])),
  ),
};

/** Options of an XML output. */
export const xmlEntries = { ...fileEntries, ...recordEntries };

/** Options of the records. */
export type XmlRecordOptions = OptionsOf<typeof recordEntries>;
/** Kinds of records. */
export type XmlRecords = NonNullable<XmlRecordOptions["records"]>;
