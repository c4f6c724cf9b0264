/**
 * Datagrams of connection tracking for tests.
 *
 * @module
 */

import {
  be16,
  be32,
  encodeAttributes,
  type NetlinkAttribute,
  NLA_F_NESTED,
} from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/conntrack/constants.ts";
import { encodeMessage } from "../../../src/netlink/message.ts";
import { concat, hex } from "../../packet/sample.ts";

/** Returns an attribute that consists of others. */
export function nested(type: number, ...attributes: NetlinkAttribute[]): NetlinkAttribute {
  return { type: type | NLA_F_NESTED, value: encodeAttributes(attributes) };
}

/** Returns a datagram with an event. */
export function event(
  attributes: readonly NetlinkAttribute[],
  { type = c.IPCTNL_MSG_CT_DELETE, flags = 0, family = 2 } = {},
): Uint8Array<ArrayBuffer> {
  const payload = concat(new Uint8Array([family, 0, 0, 0]), encodeAttributes(attributes));
  return encodeMessage({ type, flags, sequence: 0, payload });
}

/** Addresses and ports of a direction. */
export interface Tuple {
  source: string;
  destination: string;
  protocol: number;
  sourcePort: number;
  destinationPort: number;
}

/** Returns a direction's attribute; addresses are in hexadecimal. */
export function tuple(type: number, to: Tuple, ...more: NetlinkAttribute[]): NetlinkAttribute {
  const isIpv4 = to.source.length === 8;
  return nested(
    type,
    nested(
      c.CTA_TUPLE_IP,
      { type: isIpv4 ? c.CTA_IP_V4_SRC : c.CTA_IP_V6_SRC, value: hex(to.source) },
      { type: isIpv4 ? c.CTA_IP_V4_DST : c.CTA_IP_V6_DST, value: hex(to.destination) },
    ),
    nested(
      c.CTA_TUPLE_PROTO,
      { type: c.CTA_PROTO_NUM, value: Uint8Array.of(to.protocol) },
      { type: c.CTA_PROTO_SRC_PORT, value: be16(to.sourcePort) },
      { type: c.CTA_PROTO_DST_PORT, value: be16(to.destinationPort) },
    ),
    ...more,
  );
}

/** Returns the end of a UDP flow whose number is its source port, and its identifier. */
export function numberedFlow(number: number): Uint8Array<ArrayBuffer> {
  const [source, destination] = ["c0000201", "c6336402"];
  const [sourcePort, destinationPort] = [number & 0xffff, 53];
  return event([
    tuple(c.CTA_TUPLE_ORIG, { source, destination, protocol: 17, sourcePort, destinationPort }),
    tuple(c.CTA_TUPLE_REPLY, {
      source: destination,
      destination: source,
      protocol: 17,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
    }),
    { type: c.CTA_STATUS, value: be32(0x18a) },
    { type: c.CTA_ID, value: be32(number) },
    nested(
      c.CTA_COUNTERS_ORIG,
      { type: c.CTA_COUNTERS_PACKETS, value: hex("0000000000000001") },
      { type: c.CTA_COUNTERS_BYTES, value: hex("0000000000000021") },
    ),
  ]);
}

const ONE = "20010db8000000000000000000000001";
const TWO = "20010db8000000000000000000000002";

/** Returns the attributes of an SCTP flow with every attribute that is read. */
export function everyPart({ helper = "ftp" } = {}): NetlinkAttribute[] {
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  return [
    tuple(c.CTA_TUPLE_ORIG, {
      ...{ source: ONE, destination: TWO, protocol: 132 },
      ...{ sourcePort: 40_000, destinationPort: 5000 },
    }),
    tuple(
      c.CTA_TUPLE_REPLY,
      {
        ...{ source: TWO, destination: ONE, protocol: 132 },
        ...{ sourcePort: 5000, destinationPort: 40_000 },
      },
      { type: c.CTA_TUPLE_ZONE, value: be16(7) },
    ),
    tuple(c.CTA_TUPLE_MASTER, {
      ...{ source: ONE, destination: TWO, protocol: 6 },
      ...{ sourcePort: 1025, destinationPort: 21 },
    }),
    { type: c.CTA_STATUS, value: be32(0x238e) },
    { type: c.CTA_TIMEOUT, value: be32(9) },
    { type: c.CTA_MARK, value: be32(0xdeadbeef) },
    { type: c.CTA_ID, value: be32(0x80000001) },
    { type: c.CTA_ZONE, value: be16(5) },
    nested(
      c.CTA_COUNTERS_ORIG,
      { type: c.CTA_COUNTERS_PACKETS, value: hex("0000000000000003") },
      { type: c.CTA_COUNTERS_BYTES, value: hex("0000000100000000") },
    ),
    nested(
      c.CTA_COUNTERS_REPLY,
      { type: c.CTA_COUNTERS_PACKETS, value: hex("ffffffffffffffff") },
      { type: c.CTA_COUNTERS_BYTES, value: hex("0000000000000000") },
    ),
    nested(
      c.CTA_PROTOINFO,
      nested(c.CTA_PROTOINFO_SCTP, { type: c.CTA_PROTOINFO_STATE, value: Uint8Array.of(4) }),
    ),
    nested(
      c.CTA_HELP,
      { type: c.CTA_HELP_NAME, value: text(helper) },
      // `CTA_HELP_INFO`, nested as deep as a message has room for.
      deeplyNested(2, 200),
    ),
    nested(c.CTA_SECCTX, { type: c.CTA_SECCTX_NAME, value: text("system_u:object_r") }),
    { type: c.CTA_LABELS, value: hex("02000000 00000000 00000000 00000080") },
    // The latest time that 64 bits of nanoseconds hold.
    nested(c.CTA_TIMESTAMP, { type: c.CTA_TIMESTAMP_START, value: hex("ffffffffffffffff") }),
    { type: c.CTA_TIMESTAMP_EVENT, value: hex("18ec53111ab3ebda") },
  ];
}

/** Returns a datagram with every attribute that is read. */
export function everyAttribute(names?: { helper?: string }): Uint8Array<ArrayBuffer> {
  return event(everyPart(names), { family: 10 });
}

/** Returns an attribute in an attribute, and so on. */
export function deeplyNested(type: number, depth: number): NetlinkAttribute {
  let attribute: NetlinkAttribute = { type, value: be32(1) };
  for (let n = 1; n < depth; n++) attribute = nested(type, attribute);
  return attribute;
}
