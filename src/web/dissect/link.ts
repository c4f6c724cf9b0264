/** Headers before the network header: Ethernet, VLAN tags, PPPoE and MPLS. */

import { hardwareText } from "../../packet/address.ts";
import { pppProtocolLength, pppType } from "../../packet/encapsulation.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { Layer } from "./layer.ts";
import { etherType } from "./names.ts";
import { hex, yesOrNo } from "./values.ts";

/** Highest length in the place of an EtherType (IEEE 802.3). */
const LENGTH_MAX = 1500;

/** Writes an Ethernet address. */
export function mac(bytes: Uint8Array, at: number): string {
  return hardwareText(bytes, at, 6);
}

/** Reads an Ethernet header; returns the EtherType, {@linkcode ABSENT} for IEEE 802.3. */
export function ethernet(into: Layer): number {
  let type: number = ABSENT;
  into.part("Ethernet", 14, (header) => {
    const source = header.left >= 12 ? mac(header.extent.bytes, header.at + 6) : "";
    header.value("destination", 6, mac);
    header.value("source", 6, mac);
    if (header.peek(0, 2) <= LENGTH_MAX) header.number("length", 2);
    else type = header.number("etherType", 2, etherType);
    return source;
  });
  return type;
}

/** Reads a VLAN tag (IEEE 802.1Q); returns the EtherType after it. */
export function vlan(into: Layer, name: string): number {
  let type: number = ABSENT;
  into.part(name, 4, (tag) => {
    tag.bits("priority", 2, 13, 3);
    tag.bits("dropEligible", 2, 12, 1, yesOrNo);
    const id = tag.bits("id", 2, 0, 12);
    tag.skip(2);
    const isLength = tag.peek(0, 2) <= LENGTH_MAX;
    if (isLength) tag.number("length", 2);
    else type = tag.number("etherType", 2, etherType);
    return String(id);
  });
  return type;
}

/** Reads the header of a PPPoE session (RFC 2516); returns the EtherType that fits PPP's protocol. */
export function pppoe(into: Layer): number {
  let type: number = ABSENT;
  into.part("PPPoE", Infinity, (header) => {
    header.bits("version", 1, 4, 4);
    header.bits("type", 1, 0, 4);
    header.skip(1);
    const code = header.number("code", 1, hex(2));
    const session = header.number("session", 2);
    const length = header.number("length", 2);
    if (header.isOver) return "";
    if (code !== 0) {
      header.rest();
      return "";
    }
    into.limit = Math.min(into.limit, header.at + length);
    header.limit = Math.min(header.limit, into.limit);
    const { bytes } = header.extent;
    const size = header.left > 0 ? pppProtocolLength(bytes, header.at) : 1;
    if (header.left >= size) type = pppType(bytes, header.at);
    header.number("protocol", size as 1 | 2, hex(4));
    return `session ${session}`;
  });
  return type;
}

/** Reads a stack of MPLS labels (RFC 3032); returns the EtherType that the next byte suggests. */
export function mpls(into: Layer): number {
  let isLast = false;
  while (!isLast && !into.isOver) {
    into.part("MPLS", 4, (header) => {
      const label = header.bits("label", 3, 4, 20);
      header.skip(2);
      header.bits("trafficClass", 1, 1, 3);
      isLast = header.bits("bottomOfStack", 1, 0, 1, yesOrNo) === 1 || header.isOver;
      header.skip(1);
      header.number("timeToLive", 1);
      return `label ${label}`;
    });
  }
  const version = into.peek(0, 1) >> 4;
  return version === 4 ? ETH_P_IP : version === 6 ? ETH_P_IPV6 : ABSENT;
}
