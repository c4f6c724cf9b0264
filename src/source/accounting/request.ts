/** Requests that an accounting source sends to the kernel, and objects in its answers. Pure. */

import {
  be32,
  encodeAttributes,
  type NetlinkAttribute,
  readAttributes,
} from "../../netlink/attribute.ts";
import * as c from "../../netlink/accounting/constants.ts";
import {
  encodeMessage,
  type NetlinkMessage,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from "../../netlink/message.ts";
import { concat } from "../../bytes/write.ts";
import { textLength } from "../../bytes/memory.ts";
import type { OBJECTS } from "./options.ts";

/** A kind of objects. */
export type ObjectKind = typeof OBJECTS[number];

/** Requests about one kind of objects. */
interface Requests {
  /** Type of a request for objects. */
  get: number;
  /** Type of a request that resets them, too. */
  reset: number;
  /** Type of a message with an object. */
  object: number;
  /** Attributes that choose the objects of a dump. */
  filter: readonly NetlinkAttribute[];
  /** Attributes that name an object. */
  identity: readonly number[];
}

const REQUESTS: Readonly<Record<ObjectKind, Requests>> = {
  nfacct: {
    get: c.NFNL_MSG_ACCT_GET,
    reset: c.NFNL_MSG_ACCT_GET_CTRZERO,
    object: c.NFNL_MSG_ACCT_NEW,
    filter: [],
    identity: [c.NFACCT_NAME],
  },
  nft: {
    get: c.NFT_MSG_GETOBJ,
    reset: c.NFT_MSG_GETOBJ_RESET,
    object: c.NFT_MSG_NEWOBJ,
    filter: [{ type: c.NFTA_OBJ_TYPE, value: be32(c.NFT_OBJECT_COUNTER) }],
    identity: [c.NFTA_OBJ_TABLE, c.NFTA_OBJ_NAME, c.NFTA_OBJ_TYPE],
  },
};

/**
 * Encodes the request for all objects of a kind; none is reset. A dump that resets as well exists,
 * but nfnetlink_acct loses the counts of an object for which a datagram has no room any more.
 *
 * @param sequence Sequence number of the request, which the answers repeat.
 */
export function dumpRequest(kind: ObjectKind, sequence: number): Uint8Array<ArrayBuffer> {
  const { get, filter } = REQUESTS[kind];
  const payload = concat([new Uint8Array(c.NFGENMSG_SIZE), encodeAttributes(filter)]);
  return encodeMessage({ type: get, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence, payload });
}

/**
 * Encodes the request for one object, which is read and set to 0 at once.
 *
 * @param object A message with the object, as a dump has it.
 * @param sequence Sequence number of the request, which the answer repeats.
 */
export function resetRequest(
  kind: ObjectKind,
  { payload }: NetlinkMessage,
  sequence: number,
): Uint8Array<ArrayBuffer> {
  const { reset, identity } = REQUESTS[kind];
  const attributes = [...readAttributes(payload.subarray(c.NFGENMSG_SIZE))]
    .filter(({ type }) => identity.includes(type));
  // struct nfgenmsg: the family of the table
  const head = Uint8Array.of(payload[0]!, 0, 0, 0);
  return encodeMessage({
    type: reset,
    flags: NLM_F_REQUEST,
    sequence,
    payload: concat([head, encodeAttributes(attributes)]),
  });
}

/** Returns whether a message has an object of a kind. */
export function isObject(kind: ObjectKind, { type, payload }: NetlinkMessage): boolean {
  return type === REQUESTS[kind].object && payload.length >= c.NFGENMSG_SIZE;
}

/** Returns the name of an object in a message; empty if it has none. */
export function nameIn(kind: ObjectKind, { payload }: NetlinkMessage): Uint8Array {
  const wanted = kind === "nfacct" ? c.NFACCT_NAME : c.NFTA_OBJ_NAME;
  for (const { type, value } of readAttributes(payload.subarray(c.NFGENMSG_SIZE))) {
    if (type === wanted) return value.subarray(0, textLength(value, 0, value.length));
  }
  return new Uint8Array(0);
}
