/**
 * The pcap source: packets of capture files.
 *
 * @module
 */

import { defineSource } from "../define.ts";
import { pcapSourceEntries } from "./options.ts";
import { openCaptures, pcapNeeds } from "./series.ts";

/** The pcap source. */
export default defineSource({
  type: "pcap",
  kind: "packet",
  entries: pcapSourceEntries,
  identity: "path",
  canWait: true,
  permissions: pcapNeeds,
  open: openCaptures,
});
