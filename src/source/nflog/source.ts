/**
 * The NFLOG source: packets of a netlink group.
 *
 * @module
 */

import { defineSource } from "../define.ts";
import { libcNeed } from "../netlink_reader.ts";
import { nflogEntries, nflogGroups } from "./options.ts";
import { NflogReader } from "./reader.ts";

/** The NFLOG source. */
export default defineSource({
  type: "nflog",
  kind: "packet",
  entries: nflogEntries,
  identity: "group",
  several: { name: "groups", schema: nflogGroups },
  canWait: false,
  permissions: () => [libcNeed("netlink sockets")],
  open: NflogReader.open,
});
