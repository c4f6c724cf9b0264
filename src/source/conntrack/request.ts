/** Requests that a conntrack source sends to the kernel. */

import * as c from "../../netlink/conntrack/constants.ts";
import { encodeMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from "../../netlink/message.ts";
import type { ConntrackOptions } from "./options.ts";

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

/**
 * Encodes the request for all flows.
 *
 * @param sequence Sequence number of the request, which the answers repeat.
 */
export function dumpRequest(sequence: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: c.IPCTNL_MSG_CT_GET,
    flags: NLM_F_REQUEST | NLM_F_DUMP,
    sequence,
    payload: new Uint8Array(c.NFGENMSG_SIZE),
  });
}

/**
 * Returns the multicast groups that a source joins, a bit each: those of its events, and where flows
 * are reconciled, of their beginning and end; none where flows are asked for.
 */
export function groupsOf(
  { events: wanted, reconcile, pollSeconds }: Pick<
    ConntrackOptions,
    "events" | "reconcile" | "pollSeconds"
  >,
): number {
  if (pollSeconds !== undefined) return 0;
  const events = reconcile ? [...wanted, "new", "destroy"] : wanted;
  let groups = 0;
  if (events.includes("new")) groups |= 1 << (c.NFNLGRP_CONNTRACK_NEW - 1);
  if (events.includes("update")) groups |= 1 << (c.NFNLGRP_CONNTRACK_UPDATE - 1);
  if (events.includes("destroy")) groups |= 1 << (c.NFNLGRP_CONNTRACK_DESTROY - 1);
  return groups;
}
