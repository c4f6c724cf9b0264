/**
 * ULOG messages, built field by field.
 *
 * @module
 */

import {
  type Layout,
  LAYOUT_64,
  NLMSG_DONE,
  ULOG_NL_EVENT,
} from "../../../src/source/ulog/constants.ts";
import { concat } from "../../packet/sample.ts";

/** Fields of a packet in ULOG. */
export interface UlogPacket {
  mark?: number;
  seconds?: number;
  microseconds?: number;
  hook?: number;
  inDevice?: string;
  outDevice?: string;
  prefix?: Uint8Array | string;
  mac?: Uint8Array;
  payload: Uint8Array;
}

const bytesOf = (text: Uint8Array | string) =>
  typeof text === "string" ? new TextEncoder().encode(text) : text;

/** Returns a `struct ulog_packet_msg` and its payload, with the kernel's size. */
export function ulogMessage(
  packet: UlogPacket,
  layout: Layout = LAYOUT_64,
): Uint8Array<ArrayBuffer> {
  const { mark = 0, seconds = 0, microseconds = 0, hook = 3, inDevice = "", outDevice = "" } =
    packet;
  const { prefix = "", mac = new Uint8Array(0), payload } = packet;
  const bytes = new Uint8Array(layout.size + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(layout.mark, mark, true);
  view.setUint32(layout.seconds, seconds, true);
  view.setUint32(layout.microseconds, microseconds, true);
  view.setUint32(layout.hook, hook, true);
  bytes.set(bytesOf(inDevice), layout.inDevice);
  bytes.set(bytesOf(outDevice), layout.outDevice);
  view.setUint32(layout.length, payload.length, true);
  bytes.set(bytesOf(prefix), layout.prefix);
  bytes[layout.macLength] = mac.length;
  bytes.set(mac, layout.mac);
  bytes.set(payload, layout.payload);
  return bytes;
}

/** Returns a netlink message, padded to a multiple of 4. */
export function netlink(type: number, body: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(16));
  head.setUint32(0, 16 + body.length, true);
  head.setUint16(4, type, true);
  head.setUint16(6, flags, true);
  return concat(new Uint8Array(head.buffer), body, new Uint8Array(-body.length & 3));
}

/** Returns a datagram: one packet alone, or a batch whose last message is `NLMSG_DONE`. */
export function ulogDatagram(
  packets: readonly UlogPacket[],
  layout: Layout = LAYOUT_64,
): Uint8Array<ArrayBuffer> {
  if (packets.length === 1) return netlink(ULOG_NL_EVENT, ulogMessage(packets[0]!, layout));
  const NLM_F_MULTI = 2;
  return concat(...packets.map((packet, index) =>
    netlink(
      index === packets.length - 1 ? NLMSG_DONE : ULOG_NL_EVENT,
      ulogMessage(packet, layout),
      NLM_F_MULTI,
    )
  ));
}
