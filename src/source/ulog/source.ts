/**
 * The ULOG source: packets of a netlink group.
 *
 * @module
 */

import { defineSource } from "../define.ts";
import { libcNeed } from "../netlink_reader.ts";
import { ulogEntries } from "./options.ts";
import { UlogReader } from "./reader.ts";

/** The ULOG source. */
export default defineSource({
  type: "ulog",
  kind: "packet",
  entries: ulogEntries,
  identity: "group",
  canWait: false,
  permissions: () => [libcNeed("netlink sockets")],
  open: UlogReader.open,
});
