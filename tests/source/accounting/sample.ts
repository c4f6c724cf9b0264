/**
 * Datagrams of accounting objects for tests.
 *
 * @module
 */

import { be32, encodeAttributes, type NetlinkAttribute } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/accounting/constants.ts";
import { encodeMark } from "../../../src/netlink/accounting/marks.ts";
import { encodeMessage, NLM_F_MULTI } from "../../../src/netlink/message.ts";
import { concat } from "../../packet/sample.ts";
import { nested } from "../conntrack/sample.ts";

/** Number of the reading whose messages the functions make, unless they say another. */
export const READING = 7;

/** Returns a 64-bit number in network byte order. */
export function be64(value: number | bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

const text = (value: string | Uint8Array) =>
  concat(typeof value === "string" ? new TextEncoder().encode(value) : value, Uint8Array.of(0));

/** Returns a message with an object. */
export function object(
  type: number,
  attributes: readonly NetlinkAttribute[],
  { family = 0, reading = READING } = {},
): Uint8Array<ArrayBuffer> {
  const payload = concat(Uint8Array.of(family, 0, 0, 0), encodeAttributes(attributes));
  return encodeMessage({ type, flags: NLM_F_MULTI, sequence: reading, payload });
}

/** Counts of an object. */
export interface Counts {
  packets: number | bigint;
  bytes: number | bigint;
  reading?: number;
}

/** Returns an object of nfacct. */
export function account(
  name: string | Uint8Array,
  { packets, bytes, reading, quota, flags }: Counts & { quota?: number; flags?: number },
): Uint8Array<ArrayBuffer> {
  return object(c.NFNL_MSG_ACCT_NEW, [
    { type: c.NFACCT_NAME, value: text(name) },
    { type: c.NFACCT_PKTS, value: be64(packets) },
    { type: c.NFACCT_BYTES, value: be64(bytes) },
    ...flags === undefined ? [] : [{ type: c.NFACCT_FLAGS, value: be32(flags) }],
    ...quota === undefined ? [] : [{ type: c.NFACCT_QUOTA, value: be64(quota) }],
  ], { ...reading !== undefined && { reading } });
}

/** Returns a named counter of nftables. */
export function named(
  table: string,
  name: string,
  { packets, bytes, reading, handle = 1, family = 1 }: Counts & {
    handle?: number;
    family?: number;
  },
): Uint8Array<ArrayBuffer> {
  return object(c.NFT_MSG_NEWOBJ, [
    { type: c.NFTA_OBJ_TABLE, value: text(table) },
    { type: c.NFTA_OBJ_NAME, value: text(name) },
    { type: c.NFTA_OBJ_TYPE, value: be32(c.NFT_OBJECT_COUNTER) },
    nested(
      c.NFTA_OBJ_DATA,
      { type: c.NFTA_COUNTER_BYTES, value: be64(bytes) },
      { type: c.NFTA_COUNTER_PACKETS, value: be64(packets) },
    ),
    { type: c.NFTA_OBJ_HANDLE, value: be64(handle) },
  ], { family, ...reading !== undefined && { reading } });
}

/** Returns an object of nfacct with a number in its name, of the same size for all numbers. */
export function numberedAccount(number: number): Uint8Array<ArrayBuffer> {
  const name = `object${String(number).padStart(6, "0")}`;
  return account(name, { packets: 1, bytes: 33 });
}

/** Returns a mark of the reader. */
export function mark(
  mark: number,
  reading: number = READING,
  seconds = 0,
): Uint8Array<ArrayBuffer> {
  return encodeMark(mark, { sequence: reading, seconds, nanoseconds: 980_497_000 });
}
