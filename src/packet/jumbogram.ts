/**
 * IPv6 packets above 64 KiB (RFC 2675). Linux makes such of TCP where devices take
 * large packets ("BIG TCP"), and none leaves the host like that.
 *
 * @module
 */

import { readBe16, readBe32 } from "../bytes/memory.ts";
import { IPPROTO_HOPOPTS } from "./protocols.ts";

/** Bytes of the IPv6 header (RFC 8200 section 3). */
const IPV6_HEADER = 40;
/** An option that is one byte (RFC 8200 section 4.2). */
const PAD1 = 0;
/** The option that tells the length (RFC 2675 section 2). */
const JUMBO_PAYLOAD = 0xc2;
/** The largest length that is no jumbogram's. */
const PAYLOAD_MAX = 0xffff;

/**
 * Bytes behind an IPv6 header, as the packet tells them.
 *
 * @param bytes The memory.
 * @param at The header, of which the length was captured.
 * @param end Behind the last byte that was captured.
 * @returns The header's payload length, or that of its jumbo payload option; 0 where
 * neither tells, as in large packets of devices that offload.
 */
export function ipv6PayloadLength(bytes: Uint8Array, at: number, end: number): number {
  const length = readBe16(bytes, at + 4);
  if (length !== 0 || end - at < IPV6_HEADER || bytes[at + 6] !== IPPROTO_HOPOPTS) return length;
  return jumboPayload(bytes, at + IPV6_HEADER, end);
}

/** What the option says in a hop-by-hop options header; 0 where it is not there or not right. */
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
