/** Finds the ports of most packets without finding all of their headers. */

import { readBe16 } from "../bytes/memory.ts";
import { ABSENT } from "./absent.ts";
import { isPlainIpv4 } from "./ip.ts";
import { IPV4_HEADER } from "./ip_sizes.ts";
import { PORTS } from "./ports.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "./protocols.ts";
import type { RawPacket } from "./raw_packet.ts";

/**
 * Returns the offset of the ports of TCP or UDP in IPv4; {@linkcode ABSENT} if it is another
 * packet, or one whose headers are not as usual: then all of them have to be found.
 */
export function plainPortsAt(packet: RawPacket): number {
  const { bytes, payloadOffset: at, payloadLength: captured } = packet;
  if (captured < IPV4_HEADER || !isPlainIpv4(packet)) return ABSENT;
  const protocol = bytes[at + 9]!;
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) return ABSENT;
  const length = (bytes[at]! & 0xf) * 4;
  const end = length + PORTS;
  if (length < IPV4_HEADER || end > captured || end > readBe16(bytes, at + 2)) return ABSENT;
  const isLaterFragment = (readBe16(bytes, at + 6) & 0x1fff) !== 0;
  return isLaterFragment ? ABSENT : at + length;
}
