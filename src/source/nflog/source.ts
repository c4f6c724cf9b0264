/**
 * The NFLOG source: packets of a netlink group.
 *
 * @module
 */

import { defineSource } from "../define.ts";
import { libcNeed } from "../libc_need.ts";
import { nflogEntries, nflogGroups } from "./options.ts";

/** The NFLOG source. */
export default defineSource({
  type: "nflog",
  kind: "packet",
  entries: nflogEntries,
  identity: "group",
  several: { name: "groups", schema: nflogGroups },
  shorthand: { name: "group", help: "NFLOG group of the rule, 0 to 65535" },
  canWait: false,
  permissions: () => [libcNeed("netlink sockets")],
  async open(...options) {
    const { NflogReader } = await import("./reader.ts");
    return await NflogReader.open(...options);
  },
});
