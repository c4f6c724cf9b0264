/** Options of an XML output in a configuration. */

import { described, omittable, oneOf, type OptionsOf } from "../../schema.ts";
import { fileEntries } from "../file/options.ts";

/** Options of the records. */
const recordEntries = {
  records: described(
    "The records of the document, which has one kind: packets or flows; others are left out. If left out: " +
      "flows where nothing else reaches the output.",
    omittable(oneOf(["packets", "flows"])),
  ),
};

/** Options of an XML output. */
export const xmlEntries = { ...fileEntries, ...recordEntries };

/** Options of the records. */
export type XmlRecordOptions = OptionsOf<typeof recordEntries>;
/** Kinds of records. */
export type XmlRecords = NonNullable<XmlRecordOptions["records"]>;
