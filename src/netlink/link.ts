/**
 * Network interfaces over NETLINK_ROUTE: `struct ifinfomsg` (linux/rtnetlink.h)
 * and its attributes (linux/if_link.h).
 */

import { readAttributes } from "./attribute.ts";
import { encodeMessage, type NetlinkMessage, NLM_F_DUMP, NLM_F_REQUEST } from "./message.ts";

/** `RTM_NEWLINK` (linux/rtnetlink.h): an interface exists, or has changed. */
export const RTM_NEWLINK = 16;
/** `RTM_GETLINK` (linux/rtnetlink.h) */
export const RTM_GETLINK = 18;
/** `RTMGRP_LINK` (linux/rtnetlink.h): the multicast group for changes of interfaces. */
export const RTMGRP_LINK = 1;
/** `IFLA_IFNAME` (linux/if_link.h) */
export const IFLA_IFNAME = 3;
/** `IFF_UP` (linux/if.h) */
const IFF_UP = 1;
/** `sizeof(struct ifinfomsg)`, in bytes. */
export const IFINFOMSG_SIZE = 16;

/**
 * Encodes the request for all interfaces.
 *
 * @param sequence Sequence number of the request.
 */
export function linkDumpRequest(sequence: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: RTM_GETLINK,
    flags: NLM_F_REQUEST | NLM_F_DUMP,
    sequence,
    payload: new Uint8Array(IFINFOMSG_SIZE),
  });
}

/** A network interface. */
export interface Link {
  /** Interface index. */
  index: number;
  /** Interface name. */
  name: string;
  /** Whether it is administratively up. */
  isUp: boolean;
}

/**
 * Decodes the interface in a message.
 *
 * @param message Any message.
 * @returns The interface; undefined if the message is about something else.
 */
export function readLink(message: NetlinkMessage): Link | undefined {
  const { type, payload } = message;
  if (type !== RTM_NEWLINK || payload.length < IFINFOMSG_SIZE) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, IFINFOMSG_SIZE);
  const index = view.getInt32(4, true);
  const isUp = (view.getUint32(8, true) & IFF_UP) !== 0;
  for (const { type, value } of readAttributes(payload.subarray(IFINFOMSG_SIZE))) {
    if (type !== IFLA_IFNAME) continue;
    const nul = value.indexOf(0);
    const name = new TextDecoder().decode(value.subarray(0, nul < 0 ? undefined : nul));
    return { index, name, isUp };
  }
  return undefined;
}
