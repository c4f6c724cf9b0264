/** Options of a ULOG source in a configuration. */

import { NETLINK_NFLOG, NETLINK_USERSOCK } from "./constants.ts";
import {
  described,
  type Entries,
  oneNumberOf,
  optional,
  type OptionsOf,
  wholeNumber,
} from "../../schema.ts";
import { netnsEntry } from "../netns.ts";

/** Options of a ULOG source in a configuration. */
export const ulogEntries = {
  group: described("The group that the rule names (--ulog-nlgroup).", wholeNumber(1, 32)),
  copyRange: described(
    "Bytes kept of each packet; 0 keeps what the rule's --ulog-cprange does.",
    optional(wholeNumber(0, 65535), 0),
  ),
  bufferSize: described(
    "The socket's receive buffer, in bytes: what the kernel holds while nfscribe is busy.",
    optional(wholeNumber(4096, 0x3fff_ffff), 8 * 1024 * 1024),
  ),
  netlinkFamily: described(
    "The netlink family: 5 (NETLINK_NFLOG) is the kernel's; 2 (NETLINK_USERSOCK) a relay's, which may be any process.",
    optional(oneNumberOf([NETLINK_NFLOG, NETLINK_USERSOCK]), NETLINK_NFLOG),
  ),
  netns: netnsEntry,
} satisfies Entries;

/** Checked options of the source. */
export type UlogOptions = OptionsOf<typeof ulogEntries>;
