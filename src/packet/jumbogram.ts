/**
 * IPv6 packets above 64 KiB (RFC 2675). Linux makes them of TCP for devices that accept large
 * packets ("BIG TCP"); they do not leave the host in this form.
 */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import { IPPROTO_HOPOPTS } from "./protocols.ts";

/** Size of the IPv6 header in bytes (RFC 8200 section 3). */
const IPV6_HEADER = 40;
/** An option of one byte (RFC 8200 section 4.2). */
const PAD1 = 0;
/** The option with the length (RFC 2675 section 2). */
const JUMBO_PAYLOAD = 0xc2;
/** The largest length without this option. */
const PAYLOAD_MAX = 0xffff;

/**
 * Returns the payload length of an IPv6 packet.
 *
 * @param at Offset of the header, whose length field was captured.
 * @param end Offset after the captured bytes.
 * @returns The header's payload length, or that of its jumbo payload option; 0 if neither has it,
 *   as in large packets of devices with offload.
 */
export function ipv6PayloadLength(bytes: Uint8Array, at: number, end: number): number {
  const length = readBe16(bytes, at + 4);
  if (length !== 0 || end - at < IPV6_HEADER || bytes[at + 6] !== IPPROTO_HOPOPTS) return length;
  return jumboPayload(bytes, at + IPV6_HEADER, end);
}

/** Returns the option's length in a hop-by-hop options header; 0 if it is missing or invalid. */
function jumboPayload(bytes: Uint8Array, header: number, captured: number): number {
  if (captured - header < 2) return 0;
  const end = Math.min(captured, header + (bytes[header + 1]! + 1) * 8);
  let at = header + 2;
  while (at + 2 <= end) {
    if (bytes[at] === PAD1) {
      at++;
      continue;
    }
    const size = 2 + bytes[at + 1]!;
    if (bytes[at] === JUMBO_PAYLOAD && size === 6 && at + size <= end) {
      const length = readBe32(bytes, at + 2);
      return length > PAYLOAD_MAX ? length : 0;
    }
    at += size;
  }
  return 0;
}
