/** IPv4 (RFC 791). */

import { ipv4Text } from "../../packet/address.ts";
import { IPV4_HEADER } from "../../packet/ip_sizes.ts";
import { addressList, headerOptions } from "./header_options.ts";
import type { Layer } from "./layer.ts";
import { DSCP, ECN, IPPROTO_NONE, protocol } from "./names.ts";
import { flags, hex, lengthIn, named } from "./values.ts";

const OPTIONS = {
  7: "record route",
  68: "timestamp",
  130: "security",
  131: "loose source route",
  136: "stream id",
  137: "strict source route",
  148: "router alert",
} as const;
const fragmentFlags = flags([["reserved", 4], ["dontFragment", 2], ["moreFragments", 1]], 1);
const dscp = named(DSCP);
const ecn = named(ECN);

/** Payload of an IP header. */
export interface Payload {
  /** Number of its protocol. */
  protocol: number;
  /** Whether it is the rest of a fragmented packet, whose headers are in the first fragment. */
  isLaterFragment: boolean;
}

/** Reads an IPv4 header, and bounds the layer by its length; returns what follows. */
export function ipv4(into: Layer): Payload {
  const payload: Payload = { protocol: IPPROTO_NONE, isLaterFragment: false };
  into.part("IPv4", Infinity, (header) => {
    const { at } = header;
    const version = header.bits("version", 1, 4, 4);
    const length = header.bits("headerLength", 1, 0, 4, lengthIn(4)) * 4;
    header.skip(1);
    header.bits("dscp", 1, 2, 6, dscp);
    header.bits("ecn", 1, 0, 2, ecn);
    header.skip(1);
    const total = header.number("totalLength", 2);
    if (header.isOver) return "";
    if (version !== 4) header.malformed(`version is ${version}`);
    else if (length < IPV4_HEADER) header.malformed(`a header has at least ${IPV4_HEADER} bytes`);
    // Devices with offload leave 0 in packets above 64 KiB.
    else if (total !== 0 && total < length) {
      header.malformed("totalLength is less than headerLength");
    }
    if (header.isOver) return "";
    if (total !== 0) into.limit = Math.min(into.limit, at + total);
    header.limit = Math.min(into.limit, at + length);
    header.number("identification", 2, hex(4));
    header.bits("flags", 1, 5, 3, fragmentFlags);
    const words = header.bits("fragmentOffset", 2, 0, 13, (units) => String(8 * units));
    header.skip(2);
    header.number("hopLimit", 1);
    payload.protocol = header.number("protocol", 1, protocol);
    payload.isLaterFragment = words !== 0;
    header.number("checksum", 2, hex(4));
    const { bytes } = header.extent;
    const ends = header.left >= 8
      ? `${ipv4Text(bytes, at + 12)} > ${ipv4Text(bytes, at + 16)}`
      : "";
    header.value("source", 4, ipv4Text);
    header.value("destination", 4, ipv4Text);
    if (length > IPV4_HEADER) {
      header.part("options", length - IPV4_HEADER, (list) => {
        headerOptions(list, OPTIONS, readOption);
        return "";
      });
    }
    return ends;
  });
  return payload;
}

function readOption(option: Layer, type: number): string {
  switch (OPTIONS[type as keyof typeof OPTIONS]) {
    case "record route":
    case "loose source route":
    case "strict source route":
      option.number("pointer", 1);
      return addressList(option, "address");
    case "timestamp":
      option.number("pointer", 1);
      option.bits("overflow", 1, 4, 4);
      option.bits("flag", 1, 0, 4, named({ 1: "with addresses", 3: "of given addresses" }));
      option.skip(1);
      return "";
    case "router alert":
    case "stream id":
      return String(option.number("value", 2));
    default:
      return "";
  }
}
