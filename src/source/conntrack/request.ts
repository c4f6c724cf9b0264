/** Requests that a conntrack source sends to the kernel. */

import * as c from "../../netlink/conntrack/constants.ts";
import { encodeMessage, NLM_F_ACK, NLM_F_REQUEST } from "../../netlink/message.ts";

/**
 * Encodes the request for the table's figures, which changes nothing: its answer shows whether the
 * kernel has connection tracking over netlink, and whether the sender may use it.
 *
 * @param sequence Sequence number of the request, which the answer repeats.
 */
export function probeRequest(sequence: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: c.IPCTNL_MSG_CT_GET_STATS,
    flags: NLM_F_REQUEST | NLM_F_ACK,
    sequence,
    // struct nfgenmsg: unspecified family
    payload: new Uint8Array(c.NFGENMSG_SIZE),
  });
}

/** Returns the multicast groups of events, a bit each. */
export function groupsOf(events: readonly string[]): number {
  let groups = 0;
  if (events.includes("new")) groups |= 1 << (c.NFNLGRP_CONNTRACK_NEW - 1);
  if (events.includes("update")) groups |= 1 << (c.NFNLGRP_CONNTRACK_UPDATE - 1);
  if (events.includes("destroy")) groups |= 1 << (c.NFNLGRP_CONNTRACK_DESTROY - 1);
  return groups;
}
