/** GRE (RFC 2784, RFC 2890; version 1 of PPTP: RFC 2637). */

import { ABSENT } from "../../packet/absent.ts";
import type { Layer } from "./layer.ts";
import { etherType } from "./names.ts";
import { flags, hex } from "./values.ts";

const BITS = [
  ["checksum", 0x8000],
  ["routing", 0x4000],
  ["key", 0x2000],
  ["sequence number", 0x1000],
  ["acknowledgment", 0x0080],
] as const;
const flagText = flags(BITS, 4);

/** Reads a header; returns the EtherType of its payload, {@linkcode ABSENT} where it is none of IP. */
export function gre(into: Layer): number {
  let type: number = ABSENT;
  into.part("GRE", Infinity, (header) => {
    const bits = header.bits("flags", 2, 0, 16, flagText);
    const version = header.bits("version", 2, 0, 3);
    header.skip(2);
    const protocol = header.number("protocol", 2, etherType);
    if (bits & 0xc000) {
      header.number("checksum", 2, hex(4));
      header.number("offset", 2);
    }
    if (bits & 0x2000 && version === 1) {
      header.number("payloadLength", 2);
      header.number("callId", 2);
    } else if (bits & 0x2000) header.number("key", 4, hex(8));
    if (bits & 0x1000) header.number("sequenceNumber", 4);
    if (bits & 0x0080 && version === 1) header.number("acknowledgmentNumber", 4);
    // Routes of RFC 1701 have no length here.
    if (!header.isOver && version === 0 && (bits & 0x4000) === 0) type = protocol;
    return etherType(protocol);
  });
  return type;
}
