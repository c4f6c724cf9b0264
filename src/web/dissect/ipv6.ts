/** IPv6 and its extension headers (RFC 8200). */

import { ipv6Text } from "../../packet/address.ts";
import { IPV6_HEADER } from "../../packet/ip_sizes.ts";
import { isExtension } from "../../packet/ipv6_extension.ts";
import { ipv6PayloadLength } from "../../packet/jumbogram.ts";
import * as ip from "../../packet/protocols.ts";
import { ipv6Options } from "./header_options.ts";
import { authentication } from "./ipsec.ts";
import type { Payload } from "./ipv4.ts";
import type { Layer } from "./layer.ts";
import { DSCP, ECN, IPPROTO_NONE, protocol } from "./names.ts";
import { hex, lengthIn, named, yesOrNo } from "./values.ts";

const OPTIONS = {
  1: "PadN",
  5: "router alert",
  7: "CALIPSO",
  194: "jumbo payload",
  201: "home address",
} as const;
const ROUTING = { 0: "source route", 2: "mobile IPv6", 3: "RPL", 4: "segment routing" } as const;
const dscp = named(DSCP);
const ecn = named(ECN);

/** Reads an IPv6 header and its extensions, and bounds the layer by its length; returns what follows. */
export function ipv6(into: Layer): Payload {
  const payload: Payload = { protocol: IPPROTO_NONE, isLaterFragment: false };
  into.part("IPv6", Infinity, (header) => {
    const { at } = header;
    const version = header.bits("version", 1, 4, 4);
    header.bits("dscp", 2, 6, 6, dscp);
    header.skip(1);
    header.bits("ecn", 1, 4, 2, ecn);
    header.bits("flowLabel", 3, 0, 20, hex(5));
    header.skip(3);
    const length = header.number("payloadLength", 2);
    if (!header.isOver && version !== 6) header.malformed(`version is ${version}`);
    if (header.isOver) return "";
    bound(into, at, length);
    header.limit = Math.min(into.limit, at + IPV6_HEADER);
    payload.protocol = header.number("nextHeader", 1, protocol);
    header.number("hopLimit", 1);
    const { bytes } = header.extent;
    const ends = header.left >= 32
      ? `${ipv6Text(bytes, at + 8)} > ${ipv6Text(bytes, at + 24)}`
      : "";
    header.value("source", 16, ipv6Text);
    header.value("destination", 16, ipv6Text);
    return ends;
  });
  while (isExtension(payload.protocol) && !payload.isLaterFragment && !into.isOver) {
    extension(into, payload);
  }
  return payload;
}

/** Ends the layer where the header says, or its option with the length of a jumbogram. */
function bound(into: Layer, at: number, length: number): void {
  const { bytes, end } = into.extent;
  const real = length === 0 && at + IPV6_HEADER <= end ? ipv6PayloadLength(bytes, at, end) : length;
  // Without such an option 0 is a length that devices with offload leave.
  if (real !== 0) into.limit = Math.min(into.limit, at + IPV6_HEADER + real);
}

/** Reads an extension header. */
function extension(into: Layer, payload: Payload): void {
  switch (payload.protocol) {
    case ip.IPPROTO_FRAGMENT:
      return fragment(into, payload);
    case ip.IPPROTO_ROUTING:
      return routing(into, payload);
    case ip.IPPROTO_AH:
      payload.protocol = authentication(into);
      return;
    default: {
      const isHop = payload.protocol === ip.IPPROTO_HOPOPTS;
      into.part(isHop ? "hop-by-hop options" : "destination options", sizeOf(into), (header) => {
        payload.protocol = header.number("nextHeader", 1, protocol);
        header.number("length", 1, lengthIn(8, 1));
        ipv6Options(header, OPTIONS, readOption);
        return "";
      });
    }
  }
}

function fragment(into: Layer, payload: Payload): void {
  into.part("fragment header", 8, (header) => {
    payload.protocol = header.number("nextHeader", 1, protocol);
    header.number("reserved", 1);
    const offset = header.bits("fragmentOffset", 2, 3, 13, (units) => String(8 * units));
    payload.isLaterFragment = offset !== 0;
    header.bits("moreFragments", 2, 0, 1, yesOrNo);
    header.skip(2);
    header.number("identification", 4, hex(8));
    return offset === 0 ? "first" : `from byte ${8 * offset} on`;
  });
}

function routing(into: Layer, payload: Payload): void {
  into.part("routing header", sizeOf(into), (header) => {
    payload.protocol = header.number("nextHeader", 1, protocol);
    header.number("length", 1, lengthIn(8, 1));
    const type = header.number("type", 1, named(ROUTING));
    header.number("segmentsLeft", 1);
    const name = ROUTING[type as keyof typeof ROUTING];
    if (name === "segment routing") {
      const last = header.number("lastEntry", 1);
      header.number("flags", 1, hex(2));
      header.number("tag", 2);
      for (let n = 0; n <= last && header.left >= 16; n++) header.value("segment", 16, ipv6Text);
    } else if (name === "source route" || name === "mobile IPv6") {
      header.number("reserved", 4);
      while (header.left >= 16) header.value("address", 16, ipv6Text);
    }
    return name ?? `type ${type}`;
  });
}

function readOption(option: Layer, type: number): string {
  switch (OPTIONS[type as keyof typeof OPTIONS]) {
    case "router alert":
      return String(option.number("value", 2));
    case "jumbo payload":
      return String(option.number("value", 4));
    case "home address":
      option.value("address", 16, ipv6Text);
      return "";
    default:
      return "";
  }
}

/** Returns the size of an extension header in bytes. */
function sizeOf(into: Layer): number {
  return (into.peek(1, 1) + 1) * 8;
}
